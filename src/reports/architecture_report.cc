// The architecture report, 8 pages: parts, choices, guarantees, measured figures, limits,
// controls, sources.
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <span>

#include "reports/answers.h"
#include "reports/figures.h"
#include "reports/report.h"
#include "reports/words.h"

namespace tideline::reports {
namespace {

using namespace typesetting;  // NOLINT: a report is made of its blocks
constexpr TextAlign kRight = TextAlign::right;

struct Glance {
  const char* question;
  const char* words;
};
constexpr std::array kGlance = {
    Glance{"What has to run?", "one process of one program; Linux on x86-64"},
    Glance{"What does it listen on?",
           "one port for API and page, loopback unless told; a socket in the folder"},
    Glance{"What leaves the machine?",
           "nothing, but for alerts and mail to receivers that an admin sets"},
    Glance{"Where are personal data?",
           "in the data folder alone: log, state, lake; the log forgets after a day"},
    Glance{"What is backed up?",
           "the data folder; the lake alone gives everything again but settings and users"},
    Glance{"What is downloaded at run time?", "nothing"},
};

Section front(const Facts& facts, Figures& figures) {
  Section section;
  section.title = "Summary";
  section.blocks.push_back(Paragraph{
      "How Tideline is built, why so and not otherwise, what it promises, where it ends, and "
      "which "
      "controls it offers an auditor. Written for those who have to say yes to running it.",
      Paragraph::Kind::lead});
  Tiles tiles;
  tiles.tiles = {
      figures.tile("Customers", answers::kCustomers, "registered"),
      figures.tile("Events in 28 days", answers::kActivity, "events_28d"),
      figures.tile("Events made safe a second", answers::kBenchmarks, "value",
                   answers::kDurableIngest),
      figures.tile("Events applied a second", answers::kBenchmarks, "value", answers::kApplied)};
  section.blocks.push_back(std::move(tiles));
  section.blocks.push_back(Heading{"In short"});
  section.blocks.push_back(Bullets{{
      strong("One process, one folder. ") +
          Text("No broker, no database server, no cloud account. A second server is a copy of the "
               "folder away."),
      strong("Acknowledged means on disk. ") +
          Text("An event is answered after the sync that covers it; a failed sync is final and "
               "never acknowledged."),
      strong("Same input, same bytes. ") +
          Text("State, features, figures and these pages follow from the events alone; a replay "
               "gives them again, and a second implementation in SQL checks them."),
      strong("Nothing is invented. ") + Text("Without a model, or with one that does not fit, "
                                             "customers are unscored and say so."),
      strong("It ends somewhere. ") +
          Text(fmt::format(
              "One machine, {:.0f} shards, {:.0f} workers here; what lies beyond is on "
              "the page about limits.",
              facts.controls.shards, facts.controls.workers)),
  }});
  Table glance;
  glance.title = "At a glance";
  glance.columns = {{"Question", 2}, {"Answer", 5}};
  for (const auto& [question, words] : kGlance)
    glance.rows.push_back({strong(question), Text(words)});
  section.blocks.push_back(std::move(glance));
  return section;
}

// ---- 1 Parts

Chart parts_chart() {
  Chart chart;
  chart.title = "The way of an event";
  SketchChart sketch;
  sketch.parts = {
      {"API", "parses, checks, normalises; a bad event alone is refused", 0, 0, false},
      {"Segment log", "one append, synced in groups; only then 200", 1, 0, true},
      {"Reader", "tells repeats; hands out in order", 2, 0, false},
      {"Shard workers", "batches of 100; a bad event is halved out into the dead letters", 3, 0,
       false},
      {"Page, SQL, reports", "read states, figures and the lake", 0, 1, false},
      {"Lake", "Parquet by date, for ever", 1, 1, true},
      {"Scoring", "changed customers within a second, all every five minutes", 2, 1, false},
      {"State", "tiles, figures, actions; one atomic write a batch", 3, 1, true},
  };
  sketch.arrows = {{0, 1}, {1, 2}, {2, 3}, {3, 7}, {7, 6}, {6, 5}, {5, 4}};
  chart.what = std::move(sketch);
  chart.height_min = 118;
  chart.height_max = 150;
  return chart;
}

struct PartRow {
  const char* part;
  const char* does;
  const char* built_with;
  const char* usual;
};
constexpr std::array kPartRows = {
    PartRow{"Ingest", "HTTP in the shape that SDKs send; limits applied while reading",
            "Boost.Beast, simdjson", "Kinesis, API Gateway"},
    PartRow{"Segment log", "24 hours of events, checksummed and chained", "own code, fdatasync",
            "Kinesis retention"},
    PartRow{"Workers", "dedupe, apply, bisect, dead letters", "own code",
            "Lambda, event source mapping"},
    PartRow{"State", "customers' tiles, offsets, figures, actions", "RocksDB", "DynamoDB"},
    PartRow{"Lake", "the whole history, read by any engine", "DuckDB, Parquet, zstd",
            "S3, Glue, Athena"},
    PartRow{"Features", "windows over tiles, one code path for all uses", "own code",
            "Lambda in Python"},
    PartRow{"Models", "networks and trees, trained and run in the process", "Eigen, XGBoost",
            "SageMaker, Fargate"},
    PartRow{"Alerts", "webhooks, Slack, mail, at least once", "libcurl", "SNS"},
    PartRow{"Page", "live figures, actions, SQL, settings", "React, embedded", "Next.js"},
    PartRow{"Reports", "these pages", "Cairo, Pango, HarfBuzz", "scripts"},
};

Section part_section() {
  Section section;
  section.title = "The parts, and the life of an event";
  section.blocks.push_back(parts_chart());
  Table table;
  table.title = "Parts";
  table.columns = {{"Part", 1.3}, {"What it does", 3.4}, {"Built with", 2}, {"In place of", 2}};
  for (const PartRow& row : kPartRows)
    table.rows.push_back(
        {strong(row.part), Text(row.does), Text(row.built_with), Text(row.usual)});
  section.blocks.push_back(std::move(table));
  section.blocks.push_back(Paragraph{
      "The modules have one direction of dependency, which a test enforces on every include. The "
      "core (events, packs, features, scoring) does no input or output, starts no thread and "
      "reads "
      "no clock: what it computes depends on its arguments alone. What touches the outside is an "
      "adapter behind a small port, with a twin in memory and one suite of tests for both."});
  return section;
}

// ---- 2 Choices

struct ChoiceRow {
  const char* question;
  const char* choice;
  const char* instead;
  const char* why;
};
constexpr std::array kChoiceRows = {
    ChoiceRow{"How many processes?", "One, with modules", "Services and a broker",
              "One thing to install, watch and reason about; no network inside; the seams are "
              "ports, so parts can move out later"},
    ChoiceRow{"Where are events safe?", "An own segment log", "RocksDB's log, Kafka",
              "Measured: 3.9 to 4.3 times RocksDB's speed at the same durability; Kafka is a "
              "second system to run"},
    ChoiceRow{"When is it answered?", "After the sync", "At once, synced later",
              "An acknowledgement that can be lost is not one; groups make it cheap"},
    ChoiceRow{"Which state store?", "RocksDB, one family a kind", "SQLite, PostgreSQL",
              "One atomic write over many kinds at the rate of events; no server"},
    ChoiceRow{
        "Which history?", "Parquet files and a manifest", "A warehouse, Iceberg",
        "Every engine reads it; no catalogue to run; the manifest sits in the state's own write"},
    ChoiceRow{
        "How are features defined?", "In a pack, compiled once", "Code in each place",
        "Online, replay and training cannot differ; the definition is printed with the figure"},
    ChoiceRow{"Exact or fast sums?", "Exact integers", "Doubles",
              "Any order of arrival gives the same bytes; 200 orders of 40 amounts gave 6 totals "
              "in doubles"},
    ChoiceRow{"Which models?", "Networks and trees, beside rules", "One family",
              "The champion is who wins on unseen rows; a rule that does as well stays in use"},
    ChoiceRow{
        "Whose SQL?", "A confined process a query", "Switches of the engine",
        "Settings are no sandbox; the kernel is, and killing is the whole of the error handling"},
    ChoiceRow{"Which page?", "Embedded, one binary", "A site of its own",
              "No second release; the policy allows nothing from elsewhere"},
};

Section choice_section() {
  Section section;
  section.title = "Choices, and what else was looked at";
  section.blocks.push_back(Paragraph{
      "Each is written down with its question, alternatives and consequences in the project's "
      "decisions (docs/adr), and is not edited afterwards; a later one replaces it."});
  Table table;
  table.columns = {
      {"Question", 1.7}, {"Choice", 1.6}, {"Instead of", 1.5}, {"Why", 4, TextAlign::left, 3}};
  for (const ChoiceRow& row : kChoiceRows)
    table.rows.push_back(
        {strong(row.question), Text(row.choice), Text(row.instead), Text(row.why)});
  section.blocks.push_back(std::move(table));
  section.blocks.push_back(Heading{"What would change them"});
  section.blocks.push_back(Bullets{{
      Text("More events than one machine can apply: the same workers behind Kafka, a partition "
           "each; "
           "the state in a store with the same atomic write; the same files in an object store."),
      Text("Readers in other places: the lake is read where it lies by Athena, Trino, Spark and "
           "DuckDB; the program writes their definitions."),
      Text("A model of another kind: any endpoint with the same contract; rows of features in, "
           "figures out."),
  }});
  return section;
}

// ---- 3 Guarantees

struct FailureRow {
  const char* what;
  const char* then;
  const char* shown_by;
};
constexpr std::array kFailureRows = {
    FailureRow{
        "The process is killed",
        "What was acknowledged is applied once after the start; what was not may be sent again",
        "kill loops at every named point"},
    FailureRow{"A sync fails",
               "No acknowledgement, no retry on that descriptor; the log reopens from disk",
               "a failing disk below the program"},
    FailureRow{"The disk fills up",
               "Writes are refused with 507 before the reserve is used; reads go on; writing "
               "resumes by itself",
               "a small disk in the tests"},
    FailureRow{"A poison event",
               "Halved out of its batch in at most 15 attempts of 100; its neighbours pass",
               "planted poison"},
    FailureRow{"A record hangs or kills the process",
               "A mark written before the attempt isolates it after the start",
               "planted hangs and crashes"},
    FailureRow{"More than can be applied",
               "Full queues answer 429 or 503 with Retry-After; nothing acknowledged is dropped",
               "an open loop of load"},
    FailureRow{
        "The same event again",
        "Told by source and message id for the time of the setting; other content is a conflict",
        "repeats at random"},
    FailureRow{"Events out of order or late",
               "Same bytes within the bound; later ones counted and marked", "shuffled arrivals"},
    FailureRow{"No model, or one that does not fit",
               "Degraded: unscored or stale, with the reason; no figure is made up",
               "removed and damaged models"},
    FailureRow{"A damaged file", "Named with file and offset, never skipped in silence",
               "flipped bits"},
};

Section guarantee_section(const Facts& facts) {
  Section section;
  section.title = "Promises, and how it fails";
  section.blocks.push_back(Callout{
      strong("received = applied + late applied + duplicate + dead-lettered. ") +
      Text("Every event ends as exactly one of them. The program checks the identity itself and "
           "shows it; dead letters keep payload, reason and place, and can be mended and tried "
           "again.")});
  Table table;
  table.columns = {{"When", 2}, {"Then", 4.2, TextAlign::left, 3}, {"Tested by", 2}};
  for (const FailureRow& row : kFailureRows)
    table.rows.push_back({strong(row.what), Text(row.then), Text(row.shown_by)});
  section.blocks.push_back(std::move(table));
  section.blocks.push_back(Heading{"Bounds in this folder"});
  section.blocks.push_back(Bullets{{
      Text(fmt::format(
          "Repeats are told for {:.0f} days of stored time; the log holds {:.0f} hours; "
          "events count as on time for {:.0f} hours after they happened.",
          facts.controls.dedupe_days, facts.controls.log_hours, facts.controls.lateness_hours)),
      Text("A crash loses nothing that was acknowledged. A lost disk loses the folder: copies of "
           "the "
           "lake and of the state are the operator's, see docs/operations.md."),
  }});
  return section;
}

// ---- 4 Measured

Section measured_section(const Facts& facts, Figures& figures) {
  Section section;
  section.title = "Measured figures";
  section.blocks.push_back(Paragraph{
      Text("Measured by the benchmarks that come with the program, against peers with the same "
           "bytes, the same cores and the same durability, in turns; the median of the rounds and "
           "the worst one") +
      Text(facts.measured.machine.empty() ? "."
                                          : ". This machine: " + facts.measured.machine + ".")});
  Chart chart;
  chart.title =
      figures.titled("Units a second, on a scale of powers of ten", answers::kBenchmarks);
  chart.missing = figures.why(answers::kBenchmarks);
  BarChart bars;
  if (const Answer* answer = figures.find(answers::kBenchmarks)) {
    chart.missing.clear();
    bars.form = {NumberForm::Kind::plain, 0, ""};
    bars.logarithmic = true;
    bars.names = row_names(*answer);
    bars.series = {series_of(*answer, "value", "Median")};
    if (bars.names.size() > 10) {
      bars.names.resize(10);
      bars.series[0].values.resize(10);
    }
  }
  chart.what = std::move(bars);
  chart.height_min = 110;
  chart.height_max = 190;
  section.blocks.push_back(std::move(chart));
  TableShape shape;
  shape.first_title = "Benchmark";
  shape.first_share = 4.4;
  shape.rows_max = 14;
  shape.readable_names = false;
  section.blocks.push_back(table_of(figures, "Benchmarks", answers::kBenchmarks, shape));
  Table measured;
  measured.title = figures.titled("In this folder", answers::kMeasured);
  measured.columns = {{"Measurement", 3.4}, {"Value", 1.2, kRight}};
  measured.missing = figures.why(answers::kMeasured);
  if (const Answer* answer = figures.find(answers::kMeasured)) {
    for (const AnswerRow& row : answer->rows) {
      NumberForm form = answer->columns[0].form;
      const auto value = answer->value("value", row.name);
      form.digits = value && std::fabs(*value) < 100 && *value != std::floor(*value) ? 2 : 0;
      measured.rows.push_back({Text(row.name), Text(shown(value, form))});
    }
  }
  section.blocks.push_back(std::move(measured));
  return section;
}

// ---- 5 Limits

struct LimitRow {
  const char* what;
  const char* limit;
  const char* beyond;
};
constexpr std::array kLimitRows = {
    LimitRow{"Machines", "one; no failover of its own",
             "copies of the folder; the many-machine form"},
    LimitRow{"Shards", "fixed when the folder is made", "import into a new folder"},
    LimitRow{"One customer", "one worker: its events keep their order",
             "none needed; 10,000 a second each"},
    LimitRow{"A request", "500 KiB on the wire, 20 MiB inflated, 2,500 events", "settings"},
    LimitRow{"An event", "32 KiB, 32 levels, ids of 128 bytes", "dead letter; settings"},
    LimitRow{"Features", "windows up to 120 days; counters for ever", "the lake, in SQL"},
    LimitRow{"A query", "time, memory and rows by settings; cannot spill to disk",
             "the shell, or another engine on the lake"},
    LimitRow{"Identity", "alias and identify are kept, figures are not merged",
             "merge before sending"},
    LimitRow{"Currency", "one a pack; others are counted, not summed", "convert before sending"},
    LimitRow{"Erasure", "retention by days of the lake", "rewriting files through the manifest"},
};

Section limit_section(Figures& figures) {
  Section section;
  section.title = "Limits, and the room left";
  section.blocks.push_back(
      Paragraph{"What is known to end somewhere, and what one does then. Limits that are settings "
                "are tested "
                "one below, at and one above."});
  Table table;
  table.title = "Limits";
  table.columns = {{"Of", 1.2}, {"Limit", 3}, {"Beyond it", 2.8}};
  for (const LimitRow& row : kLimitRows)
    table.rows.push_back({strong(row.what), Text(row.limit), Text(row.beyond)});
  section.blocks.push_back(std::move(table));
  Chart chart;
  chart.title = figures.titled("The room left: events a second, on a scale of powers of ten",
                               answers::kLimits);
  chart.missing = figures.why(answers::kLimits);
  BarChart bars;
  bars.form = {NumberForm::Kind::plain, 1, ""};
  bars.logarithmic = true;
  if (const Answer* limits = figures.find(answers::kLimits)) {
    chart.missing.clear();
    bars.names = row_names(*limits);
    bars.series = {series_of(*limits, "value", "Events a second")};
  }
  chart.what = std::move(bars);
  chart.height_min = 60;
  chart.height_max = 110;
  section.blocks.push_back(std::move(chart));
  section.blocks.push_back(Heading{"Outgrowing the machine"});
  section.blocks.push_back(Bullets{{
      strong("More events: ") + Text("Kafka in place of the log, one partition a worker."),
      strong("More state: ") + Text("a PostgreSQL-compatible store in place of RocksDB; the same "
                                    "families and the same atomic write."),
      strong("More history: ") + Text("an S3-compatible store for the same Parquet files."),
      strong("More readers: ") + Text("other engines on the lake; the API behind a proxy."),
  }});
  return section;
}

// ---- 6 Controls

struct ControlRow {
  const char* control;
  const char* offered;
  const char* frames;  // SOC 2; HIPAA; ISO 27001
};
constexpr std::array kOffered = {
    ControlRow{"Who may do what",
               "Users with four roles, keys with scopes, one gate before every request",
               "CC6.1, CC6.3; 164.312(a)(1); A.5.15, A.8.3"},
    ControlRow{"Who it is", "Passwords hashed with Argon2id, throttled log-in, sessions that end",
               "CC6.1; 164.312(d); A.5.17, A.8.5"},
    ControlRow{"Who did what", "Audit log, each entry chained to the one before by hash",
               "CC7.2; 164.312(b); A.8.15"},
    ControlRow{"On the wire", "TLS; without it no address but loopback unless told",
               "CC6.7; 164.312(e)(1); A.8.24"},
    ControlRow{"Soundness of data",
               "Checksums on log and files, verify, replay, identity of counts",
               "PI1.2 to PI1.5; 164.312(c)(1); A.8.13"},
    ControlRow{"Untrusted queries", "Confined process, no network, read-only, limits",
               "CC6.6, CC6.8; 164.312(a)(1); A.8.22"},
    ControlRow{"Change of models", "Versions, a gate, one synced promotion, rollback",
               "CC8.1; 164.308(a)(8); A.8.32"},
    ControlRow{"Watching", "Metrics, health with reasons, alerts, drift",
               "CC7.1, A1.1; 164.308(a)(1)(ii)(D); A.8.16"},
};
constexpr std::array kNotOffered = {
    ControlRow{"Encryption at rest",
               "Use an encrypted disk; secrets of receivers lie in the folder",
               "CC6.1; 164.312(a)(2)(iv); A.8.24"},
    ControlRow{"Single sign-on, second factor", "Put a proxy in front that has them",
               "CC6.1; 164.312(d); A.8.5"},
    ControlRow{"Backups and failover", "Copies of the folder are the operator's",
               "A1.2; 164.308(a)(7); A.8.13, A.8.14"},
    ControlRow{"Erasure of one person", "Not yet; retention by days",
               "P4.3; 164.310(d)(2); A.8.10"},
    ControlRow{"Policies, training, vendors", "Of your organisation, not of a program",
               "CC1 to CC5; 164.308; clauses 4 to 10"},
};

Table control_table(const char* title, const char* what, std::span<const ControlRow> rows) {
  Table table;
  table.title = title;
  table.columns = {{"Control", 1.7}, {what, 3.6}, {"SOC 2; HIPAA; ISO 27001", 3.5}};
  for (const ControlRow& row : rows)
    table.rows.push_back({strong(row.control), Text(row.offered), Text(row.frames)});
  return table;
}

Section control_section(const Facts& facts) {
  Section section;
  section.title = "Controls offered, and not offered";
  section.blocks.push_back(Callout{
      strong("No certificate. ") +
      Text(
          "Tideline is a program, and programs are not certified under SOC 2, HIPAA or ISO 27001: "
          "organisations are. The tables say which of their controls it helps to meet and which "
          "it "
          "leaves to you. They are not legal advice.")});
  section.blocks.push_back(control_table("Offered", "How", kOffered));
  section.blocks.push_back(control_table("Not offered", "What to do instead", kNotOffered));
  section.blocks.push_back(Paragraph{
      fmt::format("SOC 2: trust services criteria of 2017. HIPAA: 45 CFR part 164, subpart C. ISO "
                  "27001: annex A of the edition of 2022. This server runs {} TLS.",
                  facts.controls.tls ? "with" : "without"),
      Paragraph::Kind::note});
  return section;
}

// ---- 7 Sources, and the words of this report

constexpr std::array kTerms = {
    Glance{"Pack",
           "a folder of text that describes one kind of business: events, features, labels, "
           "tiers, plays"},
    Glance{
        "Shard",
        "a part of the stream; a customer always falls into the same one, which keeps its order"},
    Glance{
        "Segment log",
        "files of fixed size in which every accepted event is written once before it is answered"},
    Glance{
        "Tile",
        "the partial sums of one customer over an hour or a day; features are computed from them"},
    Glance{"Dead letter",
           "an event that could not be taken in, kept with its reason, to be mended or dropped"},
    Glance{"Lake", "the history as Parquet files by date, with a manifest of those that count"},
    Glance{"Replay",
           "a new state from the lake beside the old one, swapped in when it is complete"},
    Glance{"Champion", "the method that won for one figure on rows that it had not seen"},
    Glance{"Holdout",
           "customers who are never shown actions, so that the effect of actions can be told"},
    Glance{"Synced",
           "written to the disk itself, as the operating system confirms, not only to its memory"},
};

void add_terms(Section& section) {
  Table terms;
  terms.title = "Words used here";
  terms.columns = {{"Word", 1.3}, {"What is meant", 6}};
  for (const auto& [word, words] : kTerms) terms.rows.push_back({strong(word), Text(words)});
  section.blocks.push_back(std::move(terms));
}

}  // namespace

Report architecture_report(const Facts& facts) {
  Figures figures(facts);
  Report report;
  Document& document = report.document;
  document.kicker = "TIDELINE  \xc2\xb7  pack " + facts.pack;
  document.title = "Architecture and its reasons";
  document.subtitle = "Parts, choices, promises, limits and controls of tideline " +
                      facts.program_version + "\nAs of " + facts.as_of_words;
  document.footer = "Architecture, as of " + facts.as_of_day;
  document.cut_note = "shortened to fit; all of it: GET /api/v1/reports/architecture";
  document.front = front(facts, figures);
  document.sections.push_back(part_section());
  document.sections.push_back(choice_section());
  document.sections.push_back(guarantee_section(facts));
  document.sections.push_back(measured_section(facts, figures));
  document.sections.push_back(limit_section(figures));
  document.sections.push_back(control_section(facts));
  document.sections.push_back(source_section(figures));
  add_terms(document.sections.back());
  report.used = figures.used();
  return report;
}

}  // namespace tideline::reports
