// Engine: the composition root. Opens a data folder and puts every part together, for `serve` and
// for commands that work on the folder themselves.
#pragma once

#include <atomic>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <thread>

#include "access/access.h"
#include "actions/inbox.h"
#include "actions/overrides.h"
#include "adapters/duckdb/duck_lake.h"
#include "adapters/duckdb/duck_query.h"
#include "adapters/model_files/model_files.h"
#include "adapters/rocksdb/rocksdb_store.h"
#include "adapters/segment_log/segment_log.h"
#include "alerts/alert_queue.h"
#include "app/owned_folder.h"
#include "app/swappable_store.h"
#include "base/file.h"
#include "config/settings.h"
#include "insights/pilots.h"
#include "pipeline/archiver.h"
#include "pipeline/dead_letters.h"
#include "pipeline/importer.h"
#include "pipeline/ingest.h"
#include "pipeline/lake_tables.h"
#include "pipeline/model_registry.h"
#include "pipeline/model_watch.h"
#include "pipeline/processor.h"
#include "pipeline/rebuild.h"
#include "pipeline/rescorer.h"
#include "pipeline/rule_preview.h"
#include "pipeline/rule_versions.h"
#include "telemetry/log.h"
#include "telemetry/right_of_way.h"

namespace tideline {

struct EngineOptions {
  std::string folder;
  std::optional<std::string> pack;
  Settings settings;
  std::optional<Time> as_of;        // now stands still there; nothing is written
  bool allow_changed_pack = false;  // for replay
  bool serves = false;              // processing gives way to answering
};

// The folder's own now (design 4.5): the clock's, or, without live events, the first midnight
// after the last event, unless that is still to come.
class FolderClock final : public Clock {
 public:
  explicit FolderClock(const Clock& clock) : clock_(clock) {}
  void follow(const Processor& processor) { processor_ = &processor; }
  [[nodiscard]] Time now() const override;

 private:
  const Clock& clock_;
  const Processor* processor_ = nullptr;
};

class Engine {
 public:
  // Takes the folder and starts processing (not with as_of). `clock` and `logger` must outlive the
  // engine.
  [[nodiscard]] static Result<std::unique_ptr<Engine>> open(EngineOptions options,
                                                            const Clock& clock, Logger& logger);
  ~Engine();  // stops; everything acknowledged is on disk

  // Background work of a server: scoring, archiving, trimming. The model in production is loaded
  // first.
  void start_background();
  void stop();

  [[nodiscard]] const Pack& pack() const { return *pack_; }
  [[nodiscard]] const Clock& now() const { return *now_; }     // the folder's now
  [[nodiscard]] const Clock& clock() const { return clock_; }  // the machine's
  [[nodiscard]] Logger& logger() { return logger_; }
  [[nodiscard]] const Settings& settings() const { return options_.settings; }
  [[nodiscard]] const OwnedFolder& folder() const { return *folder_; }
  [[nodiscard]] const std::optional<Time>& as_of() const { return options_.as_of; }
  [[nodiscard]] DecodeLimits decode_limits() const;

  [[nodiscard]] SegmentLog& log() { return *log_; }
  [[nodiscard]] RocksDbStore& disk_state() { return *disk_state_; }
  [[nodiscard]] StateStore& state() { return *store_; }  // what is on disk
  [[nodiscard]] StateStore& served_state() {
    return *served_state_;
  }  // the same, or what was rebuilt for as_of
  [[nodiscard]] DuckLake& lake() { return *lake_; }
  [[nodiscard]] RightOfWay& right_of_way() { return right_of_way_; }
  [[nodiscard]] VerdictBoard& board() { return *board_; }
  [[nodiscard]] Ingest& ingest() { return *ingest_; }
  [[nodiscard]] Processor& processor() { return *processor_; }
  [[nodiscard]] Archiver& archiver() { return *archiver_; }
  [[nodiscard]] LakeTables& tables() { return *tables_; }
  [[nodiscard]] Rescorer& rescorer() { return *rescorer_; }
  [[nodiscard]] DeadLetters& dead_letters() { return *dead_letters_; }
  [[nodiscard]] Importer& importer() { return *importer_; }
  [[nodiscard]] Access& access() { return *access_; }
  [[nodiscard]] ModelRegistry& models() { return *models_; }
  [[nodiscard]] ModelFilesStore& model_files() { return *model_files_; }
  [[nodiscard]] ModelWatch& watch() { return *watch_; }
  [[nodiscard]] RuleVersions& rules() { return *rules_; }
  [[nodiscard]] RulePreview& rule_preview() { return *rule_preview_; }
  [[nodiscard]] Inbox& inbox() { return *inbox_; }
  [[nodiscard]] Overrides& overrides() { return *overrides_; }
  [[nodiscard]] Pilots& pilots() { return *pilots_; }
  [[nodiscard]] const AlertQueue& alert_queue() const { return *alert_queue_; }

  // Loads the model in production and its shadow; with none, or a broken one, the program goes on
  // degraded and says why.
  void load_model();
  // Tiers and plays follow the rules in force from now on.
  void use_rules();
  // Everybody is scored at the next tick of a server, not only when it is due.
  void rescore_soon();
  [[nodiscard]] std::optional<Error> model_problem() const;

  // Everything committed is in the lake, the other tables too.
  Status flush_lake(bool with_tables);
  // After an import: dates of many files get one each.
  Status settle_lake();
  // Views of `tideline sql` over the lake's files.
  [[nodiscard]] Result<std::vector<LakeView>> views();
  // A new state from the lake, swapped in. Processing stands still meanwhile.
  [[nodiscard]] Result<RebuildCounts> replay();

 private:
  Engine(EngineOptions options, const Clock& clock, Logger& logger);
  Status open_stores();
  Status open_state();
  Status check_pack_unchanged();
  Status build_frozen_state();
  Status build_parts();
  Status build_scoring();
  Status build_rules();
  Status build_actions();
  void load_shadow();
  void score_loop();
  void archive_loop();
  bool rest(Duration duration);  // false: stop
  bool wait_for_changes(Duration gather);
  Status sweep_dedupe_marks();
  Status retire_lake();
  [[nodiscard]] RebuildOptions rebuild_options(std::optional<Time> known_by);
  [[nodiscard]] Result<RebuildCounts> build_next_state(const std::string& path);
  Status copy_families(StateStore& from, StateStore& to);
  Status swap_state(const std::string& next_path);

  EngineOptions options_;
  const Clock& clock_;
  Logger& logger_;
  RightOfWay right_of_way_;
  PosixFileSystem files_;
  std::unique_ptr<ManualClock> frozen_clock_;
  std::unique_ptr<FolderClock> folder_clock_;
  const Clock* now_ = nullptr;
  std::unique_ptr<OwnedFolder> folder_;
  std::shared_ptr<const Pack> pack_;
  std::unique_ptr<SegmentLog> log_;
  std::unique_ptr<RocksDbStore> disk_state_;
  std::unique_ptr<SwappableStore> store_;
  std::unique_ptr<StateStore> frozen_state_;
  StateStore* served_state_ = nullptr;
  std::unique_ptr<DuckLake> lake_;
  std::unique_ptr<ModelFilesStore> model_files_;
  std::unique_ptr<VerdictBoard> board_;
  std::unique_ptr<Ingest> ingest_;
  std::unique_ptr<AlertQueue> alert_queue_;
  std::unique_ptr<ModelWatch> watch_;
  std::unique_ptr<Inbox> inbox_;
  std::unique_ptr<Overrides> overrides_;
  std::unique_ptr<Pilots> pilots_;
  std::unique_ptr<Rescorer> rescorer_;
  std::unique_ptr<AttemptMarks> attempts_;
  std::unique_ptr<Processor> processor_;
  std::unique_ptr<Archiver> archiver_;
  std::unique_ptr<LakeTables> tables_;
  std::unique_ptr<DeadLetters> dead_letters_;
  std::unique_ptr<Importer> importer_;
  std::unique_ptr<Access> access_;
  std::unique_ptr<ModelRegistry> models_;
  std::unique_ptr<RuleVersions> rules_;
  std::unique_ptr<RulePreview> rule_preview_;

  mutable std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::atomic<bool> rescore_soon_ = false;
  std::shared_mutex background_;  // shared by rounds of background work; replay has it alone
  std::optional<Error> model_problem_;
  bool pack_changed_ =
      false;                // the state was built by another text of the pack: only replay helps
  std::string sweep_from_;  // where the next round of sweeping dedupe marks begins
  std::thread scorer_thread_;
  std::thread archiver_thread_;
};

}  // namespace tideline
