// For tests: somebody on loopback who speaks just enough HTTP and SMTP to be sent to.
#pragma once

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "ports/notifier.h"

namespace tideline {

// One connection at a time, each handed to `serve` with the connection's descriptor.
class Listener {
 public:
  explicit Listener(std::function<void(int)> serve)
      : serve_(std::move(serve)), socket_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(socket_, 8), 0);
    socklen_t size = sizeof address;
    EXPECT_EQ(::getsockname(socket_, reinterpret_cast<sockaddr*>(&address), &size), 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { loop(); });
  }
  ~Listener() {
    ::shutdown(socket_, SHUT_RDWR);
    thread_.join();
    ::close(socket_);
  }
  [[nodiscard]] std::uint16_t port() const { return port_; }
  [[nodiscard]] int accepted() const { return accepted_; }

 private:
  void loop() {
    while (true) {
      const int connection = ::accept4(socket_, nullptr, nullptr, SOCK_CLOEXEC);
      if (connection < 0) return;
      ++accepted_;
      serve_(connection);
      ::close(connection);
    }
  }
  std::function<void(int)> serve_;
  int socket_;
  std::uint16_t port_ = 0;
  std::atomic<int> accepted_ = 0;
  std::thread thread_;
};

// Reads lines and blocks of a connection.
class LineReader {
 public:
  explicit LineReader(int connection) : connection_(connection) {}
  // Without its CR LF; empty also at the end.
  std::string line() {
    while (bytes_.find("\r\n") == std::string::npos && more()) {}
    const std::size_t end = bytes_.find("\r\n");
    if (end == std::string::npos) return "";
    std::string line = bytes_.substr(0, end);
    bytes_.erase(0, end + 2);
    return line;
  }
  std::string block(std::size_t size) {
    while (bytes_.size() < size && more()) {}
    std::string block = bytes_.substr(0, size);
    bytes_.erase(0, size);
    return block;
  }

 private:
  bool more() {
    char buffer[4096];
    const ssize_t count = ::recv(connection_, buffer, sizeof buffer, 0);
    if (count <= 0) return false;
    bytes_.append(buffer, static_cast<std::size_t>(count));
    return true;
  }
  int connection_;
  std::string bytes_;
};

inline void say(int connection, const std::string& text) {
  for (std::size_t at = 0; at < text.size();) {
    const ssize_t sent = ::send(connection, text.data() + at, text.size() - at, MSG_NOSIGNAL);
    if (sent <= 0) return;
    at += static_cast<std::size_t>(sent);
  }
}

// Answers every POST as it was told.
class HttpFarEnd {
 public:
  HttpFarEnd() : listener_([this](int connection) { serve(connection); }) {}
  [[nodiscard]] std::uint16_t port() const { return listener_.port(); }
  [[nodiscard]] int accepted() const { return listener_.accepted(); }
  [[nodiscard]] std::string url() const {
    return "http://127.0.0.1:" + std::to_string(port()) + "/hook";
  }
  void answer(std::string head, std::string body) {
    const std::lock_guard lock(mutex_);
    head_ = std::move(head);
    body_ = std::move(body);
  }
  std::vector<OutgoingRequest> received() {
    const std::lock_guard lock(mutex_);
    return received_;
  }

 private:
  void serve(int connection) {
    LineReader reader(connection);
    OutgoingRequest request;
    request.url = reader.line();
    std::size_t size = 0;
    for (std::string line = reader.line(); !line.empty(); line = reader.line()) {
      const std::size_t colon = line.find(": ");
      std::string name = line.substr(0, colon);
      std::transform(name.begin(), name.end(), name.begin(), ::tolower);
      const std::string value = colon == std::string::npos ? "" : line.substr(colon + 2);
      if (name == "content-length") size = std::stoul(value);
      request.headers.emplace_back(std::move(name), value);
    }
    request.body = reader.block(size);
    const std::lock_guard lock(mutex_);
    received_.push_back(std::move(request));
    say(connection, "HTTP/1.1 " + head_ + "Content-Length: " + std::to_string(body_.size()) +
                        "\r\nConnection: close\r\n\r\n" + body_);
  }
  std::mutex mutex_;
  std::string head_ = "200 OK\r\n";
  std::string body_;
  std::vector<OutgoingRequest> received_;
  Listener listener_;  // the last member: it uses all others
};

// Takes every mail.
class MailFarEnd {
 public:
  MailFarEnd() : listener_([this](int connection) { serve(connection); }) {}
  [[nodiscard]] std::string host() const {
    return "127.0.0.1:" + std::to_string(listener_.port());
  }
  void refuse_recipients() { refuses_ = true; }
  std::vector<OutgoingMail> mails() {
    const std::lock_guard lock(mutex_);
    return mails_;
  }

 private:
  static std::string between(const std::string& line) {
    const std::size_t begin = line.find('<') + 1;
    return line.substr(begin, line.find('>') - begin);
  }
  void serve(int connection) {
    LineReader reader(connection);
    OutgoingMail mail;
    say(connection, "220 here\r\n");
    while (true) {
      const std::string line = reader.line();
      if (line.empty() || line == "QUIT") break;
      if (line.starts_with("RCPT TO:") && refuses_) {
        say(connection, "550 no such person\r\n");
        continue;
      }
      if (line.starts_with("MAIL FROM:")) mail.from = between(line);
      if (line.starts_with("RCPT TO:")) mail.to.push_back(between(line));
      if (line != "DATA") {
        say(connection, "250 good\r\n");
        continue;
      }
      say(connection, "354 go on\r\n");
      for (std::string text = reader.line(); text != "."; text = reader.line())
        mail.text += (text.starts_with("..") ? text.substr(1) : text) + "\r\n";
      const std::lock_guard lock(mutex_);
      mails_.push_back(mail);
      say(connection, "250 taken\r\n");
    }
  }
  std::mutex mutex_;
  std::atomic<bool> refuses_ = false;
  std::vector<OutgoingMail> mails_;
  Listener listener_;
};

}  // namespace tideline
