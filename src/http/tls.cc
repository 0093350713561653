#include "http/tls.h"

#include <openssl/err.h>
#include <openssl/ssl.h>

#include <boost/asio/error.hpp>
#include <cstring>

#include "base/check.h"

namespace tideline::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

constexpr std::size_t kRecordBytes = 16 * 1024;

// Of the first error that OpenSSL has noted in this thread.
std::string reason() {
  const unsigned long code = ERR_peek_error();
  const char* text = code == 0 ? nullptr : ERR_reason_error_string(code);
  ERR_clear_error();
  return text == nullptr ? "not a readable PEM file" : text;
}

// A server has nobody to ask for a password.
int no_password(char*, int, int, void*) { return 0; }

// Of protocols after the handshake only HTTP/1.1 is spoken.
int choose_protocol(SSL*, const unsigned char** chosen, unsigned char* length,
                    const unsigned char* offered, unsigned offered_length, void*) {
  static constexpr unsigned char kSpoken[] = "\x08http/1.1";
  unsigned char* found = nullptr;
  const int result =
      SSL_select_next_proto(&found, length, kSpoken, sizeof kSpoken - 1, offered, offered_length);
  *chosen = found;
  return result == OPENSSL_NPN_NEGOTIATED ? SSL_TLSEXT_ERR_OK : SSL_TLSEXT_ERR_NOACK;
}

}  // namespace

Result<std::shared_ptr<const TlsContext>> TlsContext::open(const std::string& certificate_file,
                                                           const std::string& key_file) {
  ERR_clear_error();
  const std::shared_ptr<SSL_CTX> context(SSL_CTX_new(TLS_server_method()), SSL_CTX_free);
  CHECK(context != nullptr);
  SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION);
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION |
                                         SSL_OP_CIPHER_SERVER_PREFERENCE);
  SSL_CTX_set_mode(context.get(), SSL_MODE_ENABLE_PARTIAL_WRITE |
                                      SSL_MODE_ACCEPT_MOVING_WRITE_BUFFER |
                                      SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_default_passwd_cb(context.get(), no_password);
  SSL_CTX_set_alpn_select_cb(context.get(), choose_protocol, nullptr);
  if (SSL_CTX_use_certificate_chain_file(context.get(), certificate_file.c_str()) != 1) {
    return fail(ErrorCode::invalid,
                "the certificate " + certificate_file + " cannot be used: " + reason(),
                "bad_certificate");
  }
  if (SSL_CTX_use_PrivateKey_file(context.get(), key_file.c_str(), SSL_FILETYPE_PEM) != 1 ||
      SSL_CTX_check_private_key(context.get()) != 1) {
    return fail(ErrorCode::invalid,
                "the key " + key_file + " of the certificate cannot be used: " + reason(),
                "bad_certificate");
  }
  return std::shared_ptr<const TlsContext>(new TlsContext(context));
}

std::unique_ptr<TlsStream> TlsContext::accept(int socket) const {
  return std::unique_ptr<TlsStream>(new TlsStream(context_, socket));
}

TlsStream::TlsStream(std::shared_ptr<ssl_ctx_st> context, int socket)
    : context_(std::move(context)), ssl_(SSL_new(context_.get())) {
  CHECK(ssl_ != nullptr);
  CHECK(SSL_set_fd(ssl_, socket) == 1);
  SSL_set_accept_state(ssl_);
}

TlsStream::~TlsStream() { SSL_free(ssl_); }

error_code TlsStream::after(int result) {
  waits_to_write_ = false;
  switch (SSL_get_error(ssl_, result)) {
    case SSL_ERROR_WANT_READ: return asio::error::would_block;
    case SSL_ERROR_WANT_WRITE: waits_to_write_ = true; return asio::error::would_block;
    case SSL_ERROR_ZERO_RETURN: return asio::error::eof;
    default: break;
  }
  broken_ = true;
  ERR_clear_error();
  return asio::error::connection_reset;
}

std::size_t TlsStream::read_some(asio::mutable_buffer buffer, error_code& ec) {
  ERR_clear_error();
  std::size_t bytes = 0;
  const int result = SSL_read_ex(ssl_, buffer.data(), buffer.size(), &bytes);
  ec = result == 1 ? error_code() : after(result);
  return result == 1 ? bytes : 0;
}

std::size_t TlsStream::write_some(const std::array<asio::const_buffer, 2>& buffers,
                                  error_code& ec) {
  asio::const_buffer next = buffers[0].size() > 0 ? buffers[0] : buffers[1];
  const bool both = buffers[0].size() > 0 && buffers[1].size() > 0;
  if (both && buffers[0].size() + buffers[1].size() <= kRecordBytes) {
    joined_.assign(static_cast<const char*>(buffers[0].data()), buffers[0].size());
    joined_.append(static_cast<const char*>(buffers[1].data()), buffers[1].size());
    next = asio::buffer(joined_);
  }
  ERR_clear_error();
  std::size_t bytes = 0;
  const int result = SSL_write_ex(ssl_, next.data(), next.size(), &bytes);
  ec = result == 1 ? error_code() : after(result);
  return result == 1 ? bytes : 0;
}

bool TlsStream::has_buffered() const { return SSL_pending(ssl_) > 0; }

void TlsStream::say_end() {
  // After a failure OpenSSL allows no further call.
  if (broken_ || SSL_is_init_finished(ssl_) == 0) return;
  ERR_clear_error();
  (void)SSL_shutdown(ssl_);
}

}  // namespace tideline::http
