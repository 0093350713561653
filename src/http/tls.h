// TLS of one server: its certificate, and one conversation over a socket that never blocks.
// Internal to src/http; OpenSSL stays behind this header.
//
// OpenSSL reads and writes the socket itself. Where it would have to wait it says for what; the
// connection waits as it does without TLS.
#pragma once

#include <array>
#include <boost/asio/buffer.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <memory>
#include <string>

#include "base/result.h"

struct ssl_ctx_st;
struct ssl_st;

namespace tideline::http {

// Belongs to one connection and is used on its strand only.
class TlsStream {
 public:
  ~TlsStream();
  TlsStream(const TlsStream&) = delete;
  TlsStream& operator=(const TlsStream&) = delete;

  // As of a socket that does not block: would_block where it must wait. The first read does the
  // handshake.
  std::size_t read_some(boost::asio::mutable_buffer buffer, boost::system::error_code& ec);
  std::size_t write_some(const std::array<boost::asio::const_buffer, 2>& buffers,
                         boost::system::error_code& ec);
  // What the last would_block waits for; else it is readability.
  [[nodiscard]] bool waits_to_write() const { return waits_to_write_; }
  // Bytes are here that no readable socket will announce.
  [[nodiscard]] bool has_buffered() const;
  // Tells the peer that nothing follows; does not wait.
  void say_end();

 private:
  friend class TlsContext;
  TlsStream(std::shared_ptr<ssl_ctx_st> context, int socket);
  [[nodiscard]] boost::system::error_code after(int result);

  std::shared_ptr<ssl_ctx_st> context_;
  ssl_st* ssl_;
  bool waits_to_write_ = false;
  bool broken_ = false;
  std::string joined_;  // head and body of a small answer, so that they leave in one record
};

// Certificate and key. TLS 1.2 and later. Thread-safe.
class TlsContext {
 public:
  // PEM files: the certificate with its chain, and its key without a password. invalid names what
  // cannot be used.
  [[nodiscard]] static Result<std::shared_ptr<const TlsContext>> open(
      const std::string& certificate_file, const std::string& key_file);

  // A conversation on the server's side of `socket`, which stays the caller's.
  [[nodiscard]] std::unique_ptr<TlsStream> accept(int socket) const;

 private:
  explicit TlsContext(std::shared_ptr<ssl_ctx_st> context) : context_(std::move(context)) {}
  std::shared_ptr<ssl_ctx_st> context_;
};

}  // namespace tideline::http
