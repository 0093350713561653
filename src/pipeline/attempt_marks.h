// AttemptMarks: which batch each shard has in hand, in a small file, so that the next start knows
// in which one the process ended.
//
// A mark outlives the end of the process, not a power cut (which is no record's fault); it costs
// one write into the page cache, where a write to the state would cost many times that. A mark
// that does not read as one counts as none.
#pragma once

#include <memory>
#include <string>

#include "base/file.h"
#include "pipeline/records.h"

namespace tideline {

class AttemptMarks {
 public:
  // Makes the file when it is missing. `files` must outlive the marks.
  [[nodiscard]] static Result<std::unique_ptr<AttemptMarks>> open(FileSystem& files,
                                                                  const std::string& path,
                                                                  std::uint16_t shards);

  // The newest mark of the shard. It is done with when its first offset was committed since.
  [[nodiscard]] Result<std::optional<AttemptMark>> read(std::uint16_t shard);
  // Thread-safe for different shards.
  Status write(std::uint16_t shard, const AttemptMark& mark);

 private:
  explicit AttemptMarks(std::unique_ptr<File> file) : file_(std::move(file)) {}
  std::unique_ptr<File> file_;
};

}  // namespace tideline
