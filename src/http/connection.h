// Connection: one client's socket, its requests read one after the other. Internal to src/http.
//
// The socket never blocks: it waits until there is something to read, and only then has a buffer;
// it writes until the kernel takes no more, and only then waits. So a connection that waits for
// its caller holds what the caller made it hold, which Core counts, and nothing else.
//
// All of it runs on the socket's strand. It is held by the Core while it is open and by the
// operations under way; a Responder only knows it weakly, so an answer to a closed one is dropped.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <boost/beast/http/parser.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <string>

#include "http/body.h"
#include "http/core.h"
#include "http/inflate.h"
#include "http/stream.h"
#include "http/tls.h"

namespace tideline::http {

class Connection : public std::enable_shared_from_this<Connection> {
 public:
  Connection(std::shared_ptr<Core> core, Socket socket, bool control, std::string remote_address);

  // From any thread.
  void start();
  void close_soon();
  void end_stream_soon();
  // Guarded by Core.
  [[nodiscard]] WaitPlace& wait_place() { return wait_place_; }

 private:
  using Parser = boost::beast::http::request_parser<GrowingBody>;
  using SteadyTime = std::chrono::steady_clock::time_point;
  enum class Phase {
    idle,
    header,
    body,
    queued,  // waits for a place to work
    handler,
    writing,
    streaming,  // waits for more of a stream, or for the time of a heartbeat
    skipping,   // past the body of a refused request
    lingering,
    closed
  };

  // What is known of the request being served, from its head to the last byte of its answer.
  struct Exchange {
    std::string id;
    const Router::Route* route = nullptr;
    std::vector<std::pair<std::string, std::string>> params;
    std::string path;
    Query query;
    std::string origin;  // the Origin field
    Encoding encoding = Encoding::identity;
    bool head = false;
    bool keep_alive = false;
    bool http_1_0 = false;
    bool counted = false;        // in Core::in_flight
    std::size_t head_bytes = 0;  // of the head, parsed so far
    std::uint64_t flow = 0;      // who sends it
    std::string caller;          // the same in words
    std::uint64_t skip = 0;      // bytes of its body that come and are not wanted
    SteadyTime start;
  };

  struct OutBody {
    std::string own;    // counts as held while its reader is slow
    SharedBody shared;  // else
    [[nodiscard]] std::string_view text() const { return own.empty() ? shared.text : own; }
  };

  void admit();
  void begin_exchange();
  void read_more();
  void wait_readable();
  void on_readable(boost::system::error_code ec);
  void parse();
  [[nodiscard]] bool head_too_large(std::size_t used);
  void on_bad_bytes(boost::system::error_code ec);

  void on_head();
  // Nothing when the request may go on; else the answer to give without reading its body.
  [[nodiscard]] std::optional<Response> check_head();
  [[nodiscard]] std::optional<Response> find_route(Method method);
  [[nodiscard]] std::optional<Response> admit_request();
  [[nodiscard]] std::optional<Response> check_body_head();
  [[nodiscard]] std::uint64_t cost_of(std::uint64_t body_bytes) const;
  [[nodiscard]] Response options_response(const Router::Match& match) const;
  void send_continue();
  // What the socket gives or takes now, by TLS where the server has it.
  std::size_t receive(boost::asio::mutable_buffer buffer, boost::system::error_code& ec);
  std::size_t send(const std::array<boost::asio::const_buffer, 2>& buffers,
                   boost::system::error_code& ec);
  void read_body();
  void on_body();
  void queue_work();
  void begin_work(std::uint64_t number, std::uint64_t cost, bool late);
  void work(std::uint64_t cost);
  void answer_body();
  [[nodiscard]] std::optional<Response> inflate_body(std::string& body);
  void call_handler(Request request);

  void respond(Response response);
  [[nodiscard]] std::string head_of(const Response& response, std::size_t body_bytes) const;
  void write_some();
  void wait_writable();
  void on_written();
  void count_answer(const Response& response);
  void end_exchange();

  void begin_stream(Response response);
  void stream_more();
  void write_chunk(std::string text);
  void watch_listener();
  void leave_stream();

  void skip_body();
  void linger();

  // Counts what this connection holds; false when there is no room for more.
  [[nodiscard]] bool hold(std::size_t bytes);

  void arm(Duration wait);
  void disarm();
  void wait_for_deadline();
  void on_deadline();
  void close();

  std::shared_ptr<Core> core_;
  Socket socket_;
  std::unique_ptr<TlsStream> tls_;  // nullptr: plain
  const bool control_;
  const std::string remote_address_;
  Phase phase_ = Phase::idle;
  bool timed_out_ = false;  // the wait under way was cancelled by the deadline

  WaitPlace wait_place_{this};
  std::size_t held_ = 0;  // bytes counted in Core::held
  ReadBuffer buffer_;     // read and not yet parsed; the next request may begin in it
  std::optional<Parser> parser_;
  Exchange exchange_;
  std::uint64_t exchange_number_ = 0;

  std::string out_head_;
  OutBody out_body_;
  std::size_t out_done_ = 0;             // bytes of head and body written
  std::shared_ptr<StreamQueue> stream_;  // of an answer that goes on
  std::string heartbeat_;
  Duration heartbeat_every_{};
  std::size_t ignored_ = 0;  // bytes that the caller of a stream sent
  std::size_t lingered_ = 0;

  asio::basic_waitable_timer<std::chrono::steady_clock,
                             asio::wait_traits<std::chrono::steady_clock>, Strand>
      timer_;
  SteadyTime deadline_ = SteadyTime::max();
  bool timer_waits_ = false;
};

}  // namespace tideline::http
