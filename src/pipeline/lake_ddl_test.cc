#include "pipeline/lake_ddl.h"

#include <gtest/gtest.h>

namespace tideline {
namespace {

std::vector<LakeTableShape> shapes() {
  using enum ColumnType;
  return {
      {"events", {{"customer_id", text}, {"event_time", time}, {"shard", integer}}, "2026-01-02"},
      {"customers", {{"events", integer}, {"eligible", boolean}, {"coverage", number}}, {}}};
}

std::string ddl(DdlDialect dialect) {
  DdlOptions options;
  options.dialect = dialect;
  options.location = "s3://shop/lake";
  return lake_ddl(shapes(), options);
}

TEST(LakeDdl, Athena) {
  EXPECT_EQ(ddl(DdlDialect::athena), R"(CREATE DATABASE IF NOT EXISTS tideline;

CREATE EXTERNAL TABLE IF NOT EXISTS `tideline`.`events` (
  `customer_id` string,
  `event_time` timestamp,
  `shard` int
)
PARTITIONED BY (`dt` string)
STORED AS PARQUET
LOCATION 's3://shop/lake/events/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.dt.type' = 'date',
  'projection.dt.format' = 'yyyy-MM-dd',
  'projection.dt.range' = '2026-01-02,NOW+1DAYS',
  'projection.dt.interval' = '1',
  'projection.dt.interval.unit' = 'DAYS',
  'storage.location.template' = 's3://shop/lake/events/dt=${dt}/'
);

CREATE EXTERNAL TABLE IF NOT EXISTS `tideline`.`customers` (
  `events` bigint,
  `eligible` boolean,
  `coverage` double
)
PARTITIONED BY (`dt` string)
STORED AS PARQUET
LOCATION 's3://shop/lake/customers/'
TBLPROPERTIES (
  'projection.enabled' = 'true',
  'projection.dt.type' = 'date',
  'projection.dt.format' = 'yyyy-MM-dd',
  'projection.dt.range' = '2020-01-01,NOW+1DAYS',
  'projection.dt.interval' = '1',
  'projection.dt.interval.unit' = 'DAYS',
  'storage.location.template' = 's3://shop/lake/customers/dt=${dt}/'
);
)");
}

TEST(LakeDdl, Trino) {
  EXPECT_EQ(ddl(DdlDialect::trino), R"(CREATE SCHEMA IF NOT EXISTS hive.tideline;

CREATE TABLE IF NOT EXISTS hive.tideline.events (
  "customer_id" varchar,
  "event_time" timestamp(6),
  "shard" integer,
  "dt" varchar
)
WITH (
  external_location = 's3://shop/lake/events/',
  format = 'PARQUET',
  partitioned_by = ARRAY['dt']
);
CALL hive.system.sync_partition_metadata('tideline', 'events', 'FULL');

CREATE TABLE IF NOT EXISTS hive.tideline.customers (
  "events" bigint,
  "eligible" boolean,
  "coverage" double,
  "dt" varchar
)
WITH (
  external_location = 's3://shop/lake/customers/',
  format = 'PARQUET',
  partitioned_by = ARRAY['dt']
);
CALL hive.system.sync_partition_metadata('tideline', 'customers', 'FULL');
)");
}

TEST(LakeDdl, Spark) {
  EXPECT_EQ(ddl(DdlDialect::spark), R"(CREATE DATABASE IF NOT EXISTS tideline;

CREATE TABLE IF NOT EXISTS `tideline`.`events` (
  `customer_id` string,
  `event_time` timestamp,
  `shard` int,
  `dt` string
)
USING PARQUET
PARTITIONED BY (`dt`)
LOCATION 's3://shop/lake/events/';
MSCK REPAIR TABLE `tideline`.`events`;

CREATE TABLE IF NOT EXISTS `tideline`.`customers` (
  `events` bigint,
  `eligible` boolean,
  `coverage` double,
  `dt` string
)
USING PARQUET
PARTITIONED BY (`dt`)
LOCATION 's3://shop/lake/customers/';
MSCK REPAIR TABLE `tideline`.`customers`;
)");
}

TEST(LakeDdl, DuckDb) {
  EXPECT_EQ(ddl(DdlDialect::duckdb), R"(CREATE OR REPLACE VIEW "events" AS SELECT
  CAST("customer_id" AS VARCHAR) AS "customer_id",
  CAST("event_time" AS TIMESTAMP) AS "event_time",
  CAST("shard" AS INTEGER) AS "shard",
  "dt"
FROM read_parquet('s3://shop/lake/events/*/*.parquet',
  hive_partitioning = true, hive_types = {'dt': DATE}, union_by_name = true);

CREATE OR REPLACE VIEW "customers" AS SELECT
  CAST(NULL AS BIGINT) AS "events",
  CAST(NULL AS BOOLEAN) AS "eligible",
  CAST(NULL AS DOUBLE) AS "coverage",
  CAST(NULL AS DATE) AS "dt"
WHERE false;
)");
}

TEST(LakeDdl, NamesOfDialects) {
  EXPECT_EQ(parse_dialect("trino"), DdlDialect::trino);
  EXPECT_FALSE(parse_dialect("oracle"));
}

}  // namespace
}  // namespace tideline
