// DecoderPool: decoders for many threads; each holds buffers that are worth keeping.
#pragma once

#include <memory>
#include <mutex>
#include <utility>
#include <vector>

#include "pipeline/decoder.h"

namespace tideline {

// Thread-safe. Must outlive what it lends.
class DecoderPool {
 public:
  // A decoder for one request; goes back by itself.
  class Lent {
   public:
    Lent(DecoderPool& pool, std::unique_ptr<Decoder> decoder, bool keep)
        : pool_(&pool), decoder_(std::move(decoder)), keep_(keep) {}
    Lent(Lent&&) noexcept = default;
    Lent& operator=(Lent&&) = delete;
    ~Lent() {
      if (decoder_ && keep_) pool_->take_back(std::move(decoder_));
    }
    Decoder* operator->() const { return decoder_.get(); }

   private:
    DecoderPool* pool_;
    std::unique_ptr<Decoder> decoder_;
    bool keep_;
  };

  explicit DecoderPool(DecodeLimits limits) : limits_(limits) {}

  // For a body of so many bytes: the buffers that a large one takes are not kept.
  [[nodiscard]] Lent lend(std::size_t bytes) {
    const bool keep = bytes <= kKeptBytesMax;
    const std::lock_guard lock(mutex_);
    if (idle_.empty() || !keep) return {*this, std::make_unique<Decoder>(limits_), keep};
    Lent lent(*this, std::move(idle_.back()), keep);
    idle_.pop_back();
    return lent;
  }

 private:
  static constexpr std::size_t kIdleMax = 16;
  static constexpr std::size_t kKeptBytesMax = 1024 * 1024;

  void take_back(std::unique_ptr<Decoder> decoder) {
    const std::lock_guard lock(mutex_);
    if (idle_.size() < kIdleMax) idle_.push_back(std::move(decoder));
  }

  DecodeLimits limits_;
  std::mutex mutex_;
  std::vector<std::unique_ptr<Decoder>> idle_;
};

}  // namespace tideline
