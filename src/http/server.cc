#include "http/server.h"

#include <sys/stat.h>
#include <unistd.h>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <cerrno>
#include <cstring>
#include <thread>

#include "base/check.h"
#include "http/connection.h"
#include "http/core.h"
#include "http/unix_path.h"
#include "telemetry/thread_name.h"
#include "telemetry/thread_priority.h"

namespace tideline::http {
namespace {

using asio::ip::tcp;
using boost::system::error_code;
using Local = asio::local::stream_protocol;

constexpr int kBacklog = 1024;
constexpr int kSendBufferBytes = 256 * 1024;
// Before the next try when the process has no file descriptor left.
constexpr auto kAcceptPause = std::chrono::milliseconds(50);

std::string remote_address(const asio::basic_stream_socket<tcp, Strand>& socket) {
  error_code ec;
  const auto endpoint = socket.remote_endpoint(ec);
  return ec ? std::string() : endpoint.address().to_string();
}
std::string remote_address(const asio::basic_stream_socket<Local, Strand>&) { return {}; }

void prepare_socket(asio::basic_stream_socket<tcp, Strand>& socket) {
  error_code ignored;
  socket.set_option(tcp::no_delay(true), ignored);
  // What a caller who does not read makes the kernel hold.
  socket.set_option(asio::socket_base::send_buffer_size(kSendBufferBytes), ignored);
}
void prepare_socket(asio::basic_stream_socket<Local, Strand>&) {}

// Accepts for one address until it is closed. Everything runs on the acceptor's strand.
template <class Protocol>
class Listener {
 public:
  explicit Listener(std::shared_ptr<Core> core)
      : core_(core), acceptor_(asio::make_strand(core->io)), pause_(acceptor_.get_executor()) {}

  [[nodiscard]] error_code listen(const typename Protocol::endpoint& endpoint,
                                  const std::string& mode_path) {
    error_code ec;
    acceptor_.open(endpoint.protocol(), ec);
    if (ec) return ec;
    if constexpr (std::is_same_v<Protocol, tcp>) {
      acceptor_.set_option(tcp::acceptor::reuse_address(true), ec);
      if (ec) return ec;
    }
    acceptor_.bind(endpoint, ec);
    if (ec) return ec;
    // Before listen() nobody can connect, so there is no moment with a wider mode.
    if (!mode_path.empty() && ::chmod(mode_path.c_str(), 0600) != 0) {
      return {errno, boost::system::system_category()};
    }
    acceptor_.listen(kBacklog, ec);
    return ec;
  }

  void start() {
    asio::post(acceptor_.get_executor(), [this] { accept_next(); });
  }

  void close_soon() {
    asio::post(acceptor_.get_executor(), [this] {
      error_code ignored;
      acceptor_.close(ignored);
      pause_.cancel();
    });
  }

  [[nodiscard]] typename Protocol::endpoint endpoint() const { return acceptor_.local_endpoint(); }

 private:
  using Accepted = asio::basic_stream_socket<Protocol, Strand>;

  void accept_next() {
    if (!acceptor_.is_open()) return;
    acceptor_.async_accept(asio::make_strand(core_->io), [this](error_code ec, Accepted socket) {
      if (ec == asio::error::operation_aborted) return;
      if (ec) return pause();
      prepare_socket(socket);
      std::string remote = remote_address(socket);
      constexpr bool control = std::is_same_v<Protocol, Local>;
      std::make_shared<Connection>(core_, Socket(std::move(socket)), control, std::move(remote))
          ->start();
      accept_next();
    });
  }

  void pause() {
    pause_.expires_after(kAcceptPause);
    pause_.async_wait([this](error_code) { accept_next(); });
  }

  std::shared_ptr<Core> core_;
  asio::basic_socket_acceptor<Protocol, Strand> acceptor_;
  asio::basic_waitable_timer<std::chrono::steady_clock,
                             asio::wait_traits<std::chrono::steady_clock>, Strand>
      pause_;
};

}  // namespace

struct Server::Impl {
  explicit Impl(std::shared_ptr<Core> shared)
      : core(std::move(shared)), work(asio::make_work_guard(core->io)) {}
  ~Impl() {
    CHECK(!running);
    if (!socket_file.empty()) ::unlink(socket_file.c_str());
  }

  Status listen_tcp(const ServerOptions& options);
  Status listen_unix(const std::string& path);
  void close_listeners() {
    if (tcp_listener) tcp_listener->close_soon();
    if (unix_listener) unix_listener->close_soon();
  }

  std::shared_ptr<Core> core;
  asio::executor_work_guard<asio::io_context::executor_type> work;
  std::unique_ptr<Listener<tcp>> tcp_listener;
  std::unique_ptr<Listener<Local>> unix_listener;
  std::string socket_file;  // removed at the end
  std::uint16_t port = 0;
  std::atomic<bool> running = false;
};

Status Server::Impl::listen_tcp(const ServerOptions& options) {
  error_code ec;
  const std::string name = options.address == "localhost" ? "127.0.0.1" : options.address;
  const auto address = asio::ip::make_address(name, ec);
  if (ec) return fail(ErrorCode::invalid, options.address + " is no numeric address to listen on");
  tcp_listener = std::make_unique<Listener<tcp>>(core);
  ec = tcp_listener->listen({address, options.port}, {});
  if (ec) {
    return fail(ErrorCode::io_failed, "cannot listen on " + options.address + " port " +
                                          std::to_string(options.port) + ": " + ec.message());
  }
  port = tcp_listener->endpoint().port();
  return {};
}

Status Server::Impl::listen_unix(const std::string& path) {
  TRY(remove_stale_socket(path));
  TRY_ASSIGN(const UnixPath place, UnixPath::open(path));
  unix_listener = std::make_unique<Listener<Local>>(core);
  const error_code ec = unix_listener->listen(Local::endpoint(place.bindable()), place.bindable());
  if (ec) {
    return fail(ErrorCode::io_failed, "cannot listen on the socket " + path + ": " + ec.message());
  }
  socket_file = path;
  return {};
}

Server::Server(std::unique_ptr<Impl> impl) : impl_(std::move(impl)) {}
Server::Server(Server&&) noexcept = default;
Server::~Server() = default;

Result<Server> Server::open(ServerOptions options, Router router) {
  CHECK(options.threads > 0);
  auto impl = std::make_unique<Impl>(std::make_shared<Core>(options, std::move(router)));
  if (!options.tls_certificate_file.empty()) {
    TRY_ASSIGN(auto tls, TlsContext::open(options.tls_certificate_file, options.tls_key_file));
    impl->core->use_tls(std::move(tls));
  }
  if (!options.address.empty()) TRY(impl->listen_tcp(options));
  if (!options.unix_socket_path.empty()) TRY(impl->listen_unix(options.unix_socket_path));
  return Server(std::move(impl));
}

Status Server::reload_tls() {
  const ServerOptions& options = impl_->core->options;
  TRY_ASSIGN(auto tls, TlsContext::open(options.tls_certificate_file, options.tls_key_file));
  impl_->core->use_tls(std::move(tls));
  return {};
}

std::uint16_t Server::port() const { return impl_->port; }

std::size_t Server::in_flight() const { return impl_->core->in_flight(); }

Server::Load Server::load() const { return impl_->core->load(); }

void Server::run() {
  CHECK(!impl_->running.exchange(true));
  if (impl_->tcp_listener) impl_->tcp_listener->start();
  if (impl_->unix_listener) impl_->unix_listener->start();
  {
    std::vector<std::jthread> threads;
    for (unsigned i = 0; i < impl_->core->options.threads; ++i) {
      threads.emplace_back([this] {
        name_thread("http");
        take_short_turns();
        impl_->core->io.run();
      });
    }
    take_short_turns();
    impl_->core->io.run();
  }
  impl_->running = false;
}

void Server::stop() {
  impl_->core->draining = true;
  // From here a connection that enters closes itself; those that entered before are closed below.
  if (impl_->core->stopping.exchange(true)) return;
  impl_->close_listeners();
  for (const auto& connection : impl_->core->connections()) connection->close_soon();
  impl_->work.reset();
}

// A listener that does not read does not hold the server up.
constexpr Duration kStreamsEndMax = std::chrono::seconds(2);

bool Server::drain(Duration bound) {
  impl_->core->draining = true;
  impl_->close_listeners();
  for (const auto& connection : impl_->core->connections()) connection->end_stream_soon();
  const bool answered = impl_->core->wait_until_answered(bound);
  impl_->core->wait_until_streams_ended(std::min(bound, kStreamsEndMax));
  return answered;
}

}  // namespace tideline::http
