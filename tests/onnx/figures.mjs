// The figures of an ONNX file for rows of features, by onnxruntime.
//
//   node figures.mjs NODE_MODULES MODEL.onnx ROWS.json
//
// ROWS.json: {"width", "rows": [[number or null, …], …]}; prints {"figures": [[…], …]}.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const [modules, model, rowsFile] = process.argv.slice(2);
const ort = createRequire(join(modules, 'x.js'))('onnxruntime-node');
const { width, rows } = JSON.parse(readFileSync(rowsFile, 'utf8'));
const session = await ort.InferenceSession.create(model);
const values = Float64Array.from(rows.flat().map((x) => (x === null ? NaN : x)));
const features = new ort.Tensor('float64', values, [rows.length, width]);
const { figures } = await session.run({ features });
const tasks = figures.dims[1];
const found = rows.map((_, i) => Array.from(figures.data.subarray(i * tasks, (i + 1) * tasks)));
console.log(JSON.stringify({ figures: found }));
