#include "ports/import_source.h"

#include <algorithm>

namespace tideline {

Result<bool> MemoryImportRows::next(std::vector<ImportRow>& block) {
  const std::size_t end = std::min(rows_.size(), at_ + block_rows_);
  block.assign(rows_.begin() + static_cast<std::ptrdiff_t>(at_),
               rows_.begin() + static_cast<std::ptrdiff_t>(end));
  at_ = end;
  return !block.empty();
}

Result<bool> MemoryImportLines::next(std::vector<ImportLine>& block) {
  block.clear();
  for (; at_ < lines_.size() && block.size() < block_lines_; ++at_) {
    block.push_back(ImportLine{at_ + 1, lines_[at_], lines_[at_].size()});
  }
  return !block.empty();
}

}  // namespace tideline
