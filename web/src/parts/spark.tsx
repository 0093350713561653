// A line without axes: the shape of a figure over time.
export function Spark({
  values,
  label,
  tone = "var(--accent)",
  height = 28,
}: {
  values: readonly number[];
  label: string;
  tone?: string;
  height?: number;
}) {
  if (values.length < 2) {
    return <span className="block" style={{ height }} aria-hidden />;
  }
  const low = Math.min(...values),
    high = Math.max(...values);
  const room = high - low || 1;
  const points = values.map((value, i) => {
    const x = (100 * i) / (values.length - 1);
    const y = high === low ? height / 2 : 2 + (height - 4) * (1 - (value - low) / room);
    return `${x.toFixed(2)},${y.toFixed(2)}`;
  });
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 100 ${height}`}
      preserveAspectRatio="none"
      className="block w-full"
      height={height}
    >
      <polygon
        points={`0,${height} ${points.join(" ")} 100,${height}`}
        fill={tone}
        opacity="0.1"
      />
      <polyline
        points={points.join(" ")}
        fill="none"
        stroke={tone}
        strokeWidth="1.5"
        strokeLinejoin="round"
        vectorEffect="non-scaling-stroke"
      />
    </svg>
  );
}
