#include "app/engine.h"

#include <algorithm>
#include <filesystem>

#include "app/crypto.h"
#include "app/pack_files.h"
#include "base/bytes.h"
#include "base/check.h"
#include "base/fault.h"
#include "packs/program.h"
#include "pipeline/manifest.h"
#include "ports/memory_state_store.h"
#include "telemetry/thread_name.h"
#include "telemetry/thread_priority.h"

namespace tideline {
namespace fs = std::filesystem;
namespace {

constexpr std::string_view kPackKey = "pack.state_hash";
constexpr Duration kScoreTick = std::chrono::milliseconds(200);  // when nobody changes
// Changes of one moment are scored together: gathered for as long as the last scoring took, so
// that under load events of one customer meet and scoring leaves time to processing.
constexpr Duration kGatherMin = std::chrono::milliseconds(5);
constexpr Duration kGatherMax = std::chrono::milliseconds(500);
constexpr Duration kWakeInterval = std::chrono::seconds(1);  // of snoozed actions
constexpr Duration kMergeInterval = std::chrono::minutes(10);
constexpr Duration kSettlePatience = std::chrono::seconds(60);
constexpr std::size_t kBatchEventsBehind = 10'000;
// Dedupe marks looked at in one round of the archiver.
constexpr std::size_t kMarksSwept = 2'000'000;
constexpr std::size_t kMarksRemoved = 20'000;  // in one write

// A crash in the middle of replay's swap leaves either the old or the new state whole under
// another name.
Status settle_swap(const OwnedFolder& folder) {
  std::error_code error;
  const fs::path now = folder.state(), before = folder.state() + ".old",
                 next = folder.state() + ".new";
  if (!fs::exists(now, error) && fs::exists(before, error)) fs::rename(before, now, error);
  if (!error) fs::remove_all(next, error);
  if (!error) fs::remove_all(before, error);
  if (error)
    return fail(ErrorCode::io_failed, "cannot tidy " + now.string() + ": " + error.message());
  return {};
}

unsigned cores() { return std::max(1U, std::thread::hardware_concurrency()); }

}  // namespace

Time FolderClock::now() const {
  if (processor_) {
    if (const auto midnight = processor_->midnight_after_imports())
      return std::min(*midnight, clock_.now());  // a history of today does not end tomorrow
  }
  return clock_.now();
}

Engine::Engine(EngineOptions options, const Clock& clock, Logger& logger)
    : options_(std::move(options)), clock_(clock), logger_(logger), right_of_way_(cores()) {}

Engine::~Engine() { stop(); }

Result<std::unique_ptr<Engine>> Engine::open(EngineOptions options, const Clock& clock,
                                             Logger& logger) {
  std::unique_ptr<Engine> engine(new Engine(std::move(options), clock, logger));
  TRY(engine->open_stores());
  TRY(engine->build_parts());
  if (!engine->as_of() && !engine->pack_changed_) {
    engine->processor_->start();
    if (auto settled = engine->processor_->wait_settled(kSettlePatience); !settled) {
      logger.error("starting all the same", settled.error());
    }
  }
  return engine;
}

DecodeLimits Engine::decode_limits() const {
  const IngestSettings& ingest = options_.settings.ingest;
  return {ingest.batch_events_max, ingest.event_bytes_max, ingest.json_depth_max,
          ingest.id_bytes_max, ingest.future_skew};
}

Status Engine::open_stores() {
  const Settings& settings = options_.settings;
  TRY_ASSIGN(folder_, OwnedFolder::open(options_.folder, options_.pack,
                                        static_cast<std::uint16_t>(settings.processing.shards)));
  TRY_ASSIGN(pack_, load_pack(folder_->version().pack));

  SegmentLog::Options log;
  log.folder = folder_->log();
  log.files = &files_;
  log.clock = &clock_;
  log.shards = folder_->version().shards;
  log.segment_bytes = settings.log.segment_bytes;
  log.salt = random_number();
  log.queue_bytes_max = settings.ingest.queue_bytes_max;
  log.reserve_bytes = settings.disk.reserve_bytes;
  log.keep_bytes_max = settings.log.retention_bytes_max;
  log.prepare_ahead = true;
  if (options_.serves) log.begin_preparing = give_way;
  TRY_ASSIGN(log_, SegmentLog::open(log));
  if (const auto& cut = log_->recovery().cut) {
    logger_.warn("cut a write that was never acknowledged",
                 {{"file", cut->file}, {"offset", cut->offset}, {"why", cut->why}});
  }
  TRY(open_state());

  LakeOptions lake;
  lake.folder = folder_->lake();
  TRY_ASSIGN(lake_, DuckLake::open(lake));
  TRY_ASSIGN(model_files_, ModelFilesStore::open({folder_->models(), &files_}));
  return {};
}

Status Engine::open_state() {
  TRY(settle_swap(*folder_));
  RocksDbStore::Options options;
  options.folder = folder_->state();
  options.cache_bytes = options_.settings.state.cache_bytes / 2;  // decoded states: the rest
  options.reserve_bytes = options_.settings.disk.reserve_bytes / 2;
  options.files = &files_;
  TRY_ASSIGN(disk_state_, RocksDbStore::open(options));
  store_ = std::make_unique<SwappableStore>(*disk_state_);
  served_state_ = store_.get();
  return check_pack_unchanged();
}

// State holds tiles of the pack's series; another pack text may ask for other ones.
Status Engine::check_pack_unchanged() {
  TRY_ASSIGN(const auto kept, store_->get(Family::settings, kPackKey));
  const std::string hash = pack_->program().state_hash.hex();
  if (kept == hash) return {};
  pack_changed_ = kept.has_value();
  if (pack_changed_ && options_.allow_changed_pack) return {};
  if (pack_changed_) {
    return fail(ErrorCode::refused,
                "the pack " + folder_->version().pack +
                    " changed since the state was built; run `tideline replay --data " +
                    folder_->path() + "`",
                "pack_changed");
  }
  WriteBatch batch;
  batch.put(Family::settings, std::string(kPackKey), hash);
  return store_->write(batch, Durability::now);
}

// As known at as_of: the lake's events that had arrived by then, in memory.
Status Engine::build_frozen_state() {
  frozen_state_ = std::make_unique<MemoryStateStore>();
  TRY_ASSIGN(const auto counts, rebuild_state(*store_, *lake_, *pack_,
                                              rebuild_options(options_.as_of), *frozen_state_));
  WriteBatch settings;
  TRY(store_->scan(Family::settings, "", "", [&](std::string_view key, std::string_view value) {
    settings.put(Family::settings, std::string(key), std::string(value));
    return true;
  }));
  TRY(frozen_state_->write(settings, Durability::later));
  served_state_ = frozen_state_.get();
  logger_.info("state as of a past time", {{"as_of", format_time(*options_.as_of)},
                                           {"customers", counts.customers},
                                           {"events", counts.events}});
  return {};
}

Status Engine::build_parts() {
  const Settings& settings = options_.settings;
  const std::uint16_t shards = folder_->version().shards;
  if (options_.as_of) {
    frozen_clock_ = std::make_unique<ManualClock>(*options_.as_of);
    now_ = frozen_clock_.get();
    TRY(build_frozen_state());
  } else {
    folder_clock_ = std::make_unique<FolderClock>(clock_);
    now_ = folder_clock_.get();
  }
  board_ = std::make_unique<VerdictBoard>(shards);
  ingest_ = std::make_unique<Ingest>(*log_, *board_, clock_, shards);
  if (options_.as_of)
    ingest_->close("time stands still at " + format_time(*options_.as_of) +
                   "; nothing is taken in");
  alert_queue_ = std::make_unique<AlertQueue>(
      [this] { return !processor_ || processor_->midnight_after_imports().has_value(); });
  TRY(build_scoring());

  ProcessorOptions processing;
  processing.shards = shards;
  processing.workers =
      static_cast<int>(settings.processing.workers ? settings.processing.workers : cores());
  processing.batch_events_max = settings.processing.batch_events;
  processing.batch_window_max = settings.processing.batch_window;
  processing.batch_events_behind_max = kBatchEventsBehind;
  processing.queue_events_max = settings.processing.queue_events_max;
  processing.watchdog = settings.processing.watchdog;
  if (options_.serves) processing.gives_way_to = &right_of_way_;
  processing.batch.lateness = settings.processing.lateness;
  processing.batch.too_late = settings.processing.too_late;
  processing.batch.program_version = TIDELINE_VERSION;
  processing.batch.alerts = alert_queue_.get();
  processing.batch.cache_bytes = settings.state.cache_bytes / 2;
  TRY_ASSIGN(attempts_, AttemptMarks::open(files_, folder_->attempts(), shards));
  TRY_ASSIGN(processor_,
             Processor::open(processing, *log_, *store_, *attempts_, *pack_, clock_, *board_,
                             [this](auto changed) { rescorer_->note_changed(changed); }));
  if (folder_clock_) folder_clock_->follow(*processor_);

  ArchiverOptions archiving;
  archiving.shards = shards;
  archiving.files_per_date_max = settings.lake.files_per_date_max;
  archiving.files_settled_max = settings.lake.files_settled_max;
  archiver_ = std::make_unique<Archiver>(archiving, *log_, *store_, *lake_, clock_);
  if (!options_.as_of) TRY(archiver_->recover());
  tables_ = std::make_unique<LakeTables>(*pack_, *store_, *lake_, *now_);
  dead_letters_ = std::make_unique<DeadLetters>(decode_limits(), *store_, *ingest_, clock_);
  importer_ = std::make_unique<Importer>(decode_limits(), *ingest_, *processor_, *archiver_,
                                         *store_, clock_, settings.processing.lateness);
  Access::Options access;
  access.sessions = {settings.access.session, settings.access.session_idle};
  TRY_ASSIGN(access_, Access::open(access, access_crypto(), *store_, clock_, logger_));
  models_ = std::make_unique<ModelRegistry>(*pack_, *model_files_, *store_);
  return {};
}

Status Engine::build_scoring() {
  RescorerOptions scoring;
  if (options_.serves) scoring.gives_way_to = &right_of_way_;
  scoring.threads = cores();
  rescorer_ = std::make_unique<Rescorer>(scoring, *pack_, *served_state_, *now_);
  TRY(rescorer_->load());
  ModelWatchOptions watching;
  watching.holdout_share = options_.settings.actions.holdout_share;
  watching.fresh_salt = random_number();
  watch_ = std::make_unique<ModelWatch>(watching, *pack_, *served_state_);
  TRY(watch_->load());
  if (!options_.as_of) {
    rescorer_->watch_with(*watch_);
    rescorer_->alert_with(*alert_queue_);
  }
  TRY(build_rules());
  return build_actions();
}

Status Engine::build_rules() {
  rules_ = std::make_unique<RuleVersions>(*pack_, *store_, clock_, *now_);
  TRY(rules_->load(options_.as_of));
  if (const std::string problem = rules_->problem(); !problem.empty()) logger_.warn(problem);
  use_rules();
  rule_preview_ = std::make_unique<RulePreview>(
      RulePreviewOptions(), *pack_, *served_state_, clock_, *now_,
      [this](const CustomerId& customer) { return watch_->in_holdout(customer); },
      [this] { return rescorer_->model(); });
  return {};
}

void Engine::use_rules() {
  const RuleVersions::Rules rules = rules_->in_force();
  rescorer_->use_rules(rules.pack, "rules " + std::to_string(rules.number));
  watch_->use_rules(rules.pack);
}

Status Engine::build_actions() {
  InboxOptions options;
  options.lapse = pack_->lapse();
  options.held_out = [this](const CustomerId& customer) { return watch_->in_holdout(customer); };
  inbox_ = std::make_unique<Inbox>(std::move(options), *served_state_);
  TRY(inbox_->load());
  rescorer_->recommend_into(*inbox_);
  pilots_ = std::make_unique<Pilots>(*served_state_);
  overrides_ = std::make_unique<Overrides>(*pack_, *served_state_);
  return overrides_->load();
}

void Engine::load_model() {
  auto model = models_->load_active();
  std::optional<Error> problem;
  if (!model) {
    problem = model.error();
    logger_.error("the model in production cannot be used; scores stand still", model.error());
  }
  if (model && *model) {
    const auto key = models_->active();
    auto reference = key && *key ? models_->drift_reference(**key)
                                 : Result<std::vector<DriftBins>>(std::vector<DriftBins>());
    if (reference) watch_->use_reference((*model)->version(), std::move(*reference));
  }
  rescorer_->use_model(model ? *model : nullptr, model ? "no_model" : "model_refused");
  load_shadow();
  const std::lock_guard lock(mutex_);
  model_problem_ = std::move(problem);
}

// What scores beside and is not shown is no reason to be degraded.
void Engine::load_shadow() {
  auto shadow = models_->load_shadow();
  if (!shadow)
    logger_.warn("the model in the shadow cannot be used", {{"why", shadow.error().message}});
  watch_->use_shadow(shadow ? *shadow : nullptr);
}

void Engine::rescore_soon() { rescore_soon_ = true; }

std::optional<Error> Engine::model_problem() const {
  const std::lock_guard lock(mutex_);
  return model_problem_;
}

void Engine::start_background() {
  load_model();
  if (options_.as_of) {
    const auto scored = rescorer_->score_all(true);
    if (!scored) logger_.error("scoring failed; it is tried again", scored.error());
  }
  scorer_thread_ = std::thread([this] {
    name_thread("score");
    give_way();
    score_loop();
  });
  if (options_.as_of) return;
  archiver_thread_ = std::thread([this] {
    name_thread("archive");
    give_way();
    archive_loop();
  });
}

void Engine::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  wake_.notify_all();
  if (rescorer_) rescorer_->stop_waiting();
  if (scorer_thread_.joinable()) scorer_thread_.join();
  if (archiver_thread_.joinable()) archiver_thread_.join();
  if (board_) board_->close();
  if (processor_) processor_->stop();
  if (!archiver_) return;
  if (auto done = archiver_->remove_replaced(); !done)
    logger_.error("merged files of the lake stay until the next start", done.error());
}

bool Engine::rest(Duration duration) {
  std::unique_lock lock(mutex_);
  wake_.wait_for(lock, duration, [&] { return stopping_; });
  return !stopping_;
}

void Engine::score_loop() {
  auto next_full = std::chrono::steady_clock::now();
  auto next_wake = next_full;
  Duration took{};
  do {
    board_->expire(clock_.now());
    const std::shared_lock background(background_);
    const auto begun = std::chrono::steady_clock::now();
    Result<std::size_t> scored = rescorer_->score_changed();
    const bool is_due = std::chrono::steady_clock::now() >= next_full;
    if (scored && (rescore_soon_.exchange(false) || is_due)) {
      scored = rescorer_->score_all(true);
      next_full = std::chrono::steady_clock::now() + options_.settings.score.interval;
    }
    if (!scored) logger_.error("scoring failed; it is tried again", scored.error());
    if (const auto now = std::chrono::steady_clock::now(); now >= next_wake) {
      next_wake = now + kWakeInterval;
      if (const auto woken = inbox_->wake(now_->now()); !woken)
        logger_.error("ending snoozes failed; it is tried again", woken.error());
    }
    took = std::chrono::duration_cast<Duration>(std::chrono::steady_clock::now() - begun);
    if (!scored) took = kScoreTick;
  } while (wait_for_changes(std::clamp(took, kGatherMin, kGatherMax)));
}

// False: stop.
bool Engine::wait_for_changes(Duration gather) {
  rescorer_->wait_for_change(kScoreTick);
  return rest(gather);
}

void Engine::archive_loop() {
  auto next_merge = std::chrono::steady_clock::now();
  while (rest(options_.settings.lake.flush)) {
    right_of_way_.let_pass();
    const std::shared_lock background(background_);
    if (auto done = archiver_->flush(); !done)
      logger_.error("archiving failed; it is tried again", done.error());
    if (auto done = tables_->append_waiting(); !done)
      logger_.error("writing predictions to the lake failed", done.error());
    if (std::chrono::steady_clock::now() < next_merge) continue;
    next_merge = std::chrono::steady_clock::now() + kMergeInterval;
    if (auto done = archiver_->merge_files(); !done)
      logger_.error("merging files of the lake failed", done.error());
    if (auto done = retire_lake(); !done)
      logger_.error("letting go of old files of the lake failed", done.error());
    const Time keep_from = clock_.now() - options_.settings.log.retention;
    if (auto done = archiver_->trim_log(keep_from); !done)
      logger_.error("trimming the log failed", done.error());
    if (auto done = sweep_dedupe_marks(); !done)
      logger_.error("sweeping dedupe marks failed", done.error());
  }
}

// By the folder's now: where only imports came in, nothing is old because a year has passed since.
Status Engine::retire_lake() {
  const auto retire = [&](const char* table, std::uint32_t days) -> Status {
    if (days == 0) return {};
    return archiver_->retire(table, format_date(now_->now() - days * kDay));
  };
  const LakeSettings& lake = options_.settings.lake;
  TRY(retire("events", lake.keep_events_days));
  for (const char* table : {"predictions", "tier_changes", "actions"})
    TRY(retire(table, lake.keep_predictions_days));
  return {};
}

Status Engine::settle_lake() {
  if (options_.as_of) return {};
  const std::lock_guard background(background_);
  return archiver_->merge_after_import();
}

// Marks older than the stated time of stored age leave; never ones of events that are not yet in
// the lake. Each round goes on where the last one ended, so that it stays short.
Status Engine::sweep_dedupe_marks() {
  const Time keep_from = clock_.now() - options_.settings.processing.dedupe;
  fault::crash_point("retention.before_dedupe");
  WriteBatch old;
  Status written;
  std::size_t seen = 0;
  std::string next;
  TRY(store_->scan(Family::dedupe, sweep_from_, "",
                   [&](std::string_view key, std::string_view value) {
                     if (seen++ == kMarksSwept) {
                       next = key;
                       return false;
                     }
                     const auto mark = decode_dedupe_mark(value);
                     if (!mark || mark->stored_until >= keep_from) return true;
                     old.remove(Family::dedupe, std::string(key));
                     if (old.operations().size() < kMarksRemoved) return true;
                     written = store_->write(std::exchange(old, {}), Durability::later);
                     return written.has_value();
                   }));
  TRY(written);
  TRY(store_->write(old, Durability::later));
  fault::crash_point("retention.after_dedupe");
  sweep_from_ = std::move(next);
  return {};
}

Status Engine::flush_lake(bool with_tables) {
  if (options_.as_of) return {};
  TRY(processor_->wait_idle(std::chrono::minutes(10)));
  TRY(archiver_->flush());
  if (!with_tables) return {};
  TRY(tables_->append_waiting());
  return tables_->replace_current();
}

Result<std::vector<LakeView>> Engine::views() {
  std::vector<LakeView> views;
  const auto add = [&](const std::string& name, std::vector<TableColumn> columns) -> Status {
    TRY_ASSIGN(const auto files, manifest_files(*store_, name));
    LakeView view;
    view.name = name;
    view.columns = std::move(columns);
    for (const auto& file : files) view.files.push_back(folder_->lake() + "/" + file.file);
    views.push_back(std::move(view));
    return {};
  };
  TRY(add("events", {{"customer_id"},
                     {"type"},
                     {"event"},
                     {"event_time", "TIMESTAMP"},
                     {"arrival_time", "TIMESTAMP"},
                     {"stored_time", "TIMESTAMP"},
                     {"source"},
                     {"message_id"},
                     {"shard", "INTEGER"},
                     {"log_offset", "BIGINT"},
                     {"properties", "JSON"}}));
  for (const char* table :
       {"features", "predictions", "customers", "tier_changes", "actions", "dead_letters"}) {
    std::vector<TableColumn> columns;
    for (const Column& column : tables_->columns(table)) {
      static constexpr const char* kTypes[] = {"VARCHAR", "DOUBLE", "BIGINT", "TIMESTAMP",
                                               "BOOLEAN"};
      columns.push_back({column.name, kTypes[static_cast<int>(column.type)]});
    }
    TRY(add(table, std::move(columns)));
  }
  return views;
}

Result<RebuildCounts> Engine::replay() {
  const std::lock_guard background(background_);
  if (!pack_changed_) TRY(processor_->wait_idle(std::chrono::minutes(10)));
  processor_->stop();
  const auto held = store_->hold_writes();
  auto rebuilt = [&]() -> Result<RebuildCounts> {
    Archiver direct({folder_->version().shards}, *log_, *disk_state_, *lake_, clock_);
    TRY(direct.flush());
    const std::string next_path = folder_->state() + ".new";
    std::error_code error;
    fs::remove_all(next_path, error);
    TRY_ASSIGN(const RebuildCounts counts, build_next_state(next_path));
    TRY(swap_state(next_path));
    return counts;
  }();
  pack_changed_ = pack_changed_ && !rebuilt;
  processor_->forget_states();
  if (!pack_changed_) processor_->start();
  return rebuilt;
}

RebuildOptions Engine::rebuild_options(std::optional<Time> known_by) {
  RebuildOptions options;
  options.known_by = known_by;
  options.files = &files_;
  options.scratch = folder_->scratch();
  return options;
}

// The new state of a replay: what the lake does not hold as it is, customers built anew.
Result<RebuildCounts> Engine::build_next_state(const std::string& path) {
  RocksDbStore::Options options;
  options.folder = path;
  options.cache_bytes = options_.settings.state.cache_bytes / 4;
  RebuildOptions rebuild = rebuild_options(std::nullopt);
  // Where no file of the old state is damaged the new one begins as its copy and shares them, with
  // the marks of what was refused too; else as little as possible is read of it.
  rebuild.with_marks = !disk_state_->verify();
  std::unique_ptr<RocksDbStore> next;
  if (rebuild.with_marks) {
    TRY_ASSIGN(next, RocksDbStore::open(options));
    TRY(copy_families(*disk_state_, *next));
  } else {
    TRY(disk_state_->copy_to(path));
    TRY_ASSIGN(next, RocksDbStore::open(options));
    TRY(next->clear(Family::customers));
  }
  WriteBatch pack;
  pack.put(Family::settings, std::string(kPackKey), pack_->program().state_hash.hex());
  TRY(next->write(pack, Durability::later));
  TRY_ASSIGN(const RebuildCounts counts,
             rebuild_state(*disk_state_, *lake_, *pack_, rebuild, *next));
  TRY(next->sync());
  fault::crash_point("replay.after_rebuild");
  return counts;
}

// Everything that the lake does not hold.
Status Engine::copy_families(StateStore& from, StateStore& to) {
  for (std::size_t i = 0; i < kFamilyCount; ++i) {
    const auto family = static_cast<Family>(i);
    if (family == Family::customers || family == Family::dedupe || family == Family::links) {
      continue;
    }
    WriteBatch batch;
    std::optional<Error> failed;
    TRY(from.scan(family, "", "", [&](std::string_view key, std::string_view value) {
      batch.put(family, std::string(key), std::string(value));
      if (batch.operations().size() < 10'000) return true;
      if (auto written = to.write(batch, Durability::later); !written) failed = written.error();
      batch = WriteBatch();
      return !failed;
    }));
    if (failed) return fail(*failed);
    TRY(to.write(batch, Durability::later));
  }
  return {};
}

Status Engine::swap_state(const std::string& next_path) {
  Status result;
  store_->swap([&]() -> StateStore* {
    disk_state_.reset();
    std::error_code error;
    fault::crash_point("replay.before_swap");
    fs::rename(folder_->state(), folder_->state() + ".old", error);
    fault::crash_point("replay.in_swap");
    if (!error) fs::rename(next_path, folder_->state(), error);
    fault::crash_point("replay.after_swap");
    if (error) result = fail(ErrorCode::io_failed, "cannot swap the state: " + error.message());
    if (auto settled = settle_swap(*folder_); !settled && result) result = settled;
    RocksDbStore::Options options;
    options.folder = folder_->state();
    options.cache_bytes = options_.settings.state.cache_bytes / 2;
    options.reserve_bytes = options_.settings.disk.reserve_bytes / 2;
    options.files = &files_;
    auto opened = RocksDbStore::open(options);
    CHECK(opened.has_value());  // it was open a moment ago; without state there is nothing to go
                                // on with
    disk_state_ = std::move(*opened);
    return disk_state_.get();
  });
  return result;
}

}  // namespace tideline
