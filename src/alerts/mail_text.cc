#include "alerts/mail_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>

#include "alerts/signature.h"

namespace tideline {
namespace {

constexpr std::size_t kBase64Columns = 76;     // RFC 2045, 6.8
constexpr std::size_t kEncodedWordBytes = 42;  // so that an encoded word stays below 75 characters
constexpr std::size_t kSubjectBytesMax = 200;
constexpr std::string_view kBoundary = "=_tideline_alternative";
constexpr std::string_view kOuterBoundary = "=_tideline_mixed";

// No line breaks or other control characters.
std::string one_line(std::string text) {
  std::replace_if(
      text.begin(), text.end(),
      [](char c) { return static_cast<unsigned char>(c) < ' ' || c == 0x7F; }, ' ');
  return text;
}

bool continues_character(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

// RFC 2047: words of base64 where it is more than plain ASCII.
std::string encoded_subject(std::string text) {
  text = one_line(std::move(text));
  if (text.size() > kSubjectBytesMax) {
    std::size_t end = kSubjectBytesMax;
    while (end > 0 && continues_character(text[end])) --end;
    text.resize(end);
  }
  const bool plain =
      std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c < 0x7F; }) &&
      text.size() < kBase64Columns - 10 && text.find("=?") == std::string::npos;
  if (plain) return text;
  std::string out;
  for (std::size_t begin = 0; begin < text.size();) {
    std::size_t end = std::min(begin + kEncodedWordBytes, text.size());
    while (end < text.size() && end > begin + 1 && continues_character(text[end])) --end;
    out += (out.empty() ? "=?UTF-8?B?" : "\r\n =?UTF-8?B?") +
           in_base64(std::string_view(text).substr(begin, end - begin)) + "?=";
    begin = end;
  }
  return out;
}

std::string base64_lines(std::string_view text) {
  const std::string all = in_base64(text);
  std::string out;
  for (std::size_t at = 0; at < all.size(); at += kBase64Columns)
    out += all.substr(at, kBase64Columns) + "\r\n";
  return out;
}

// "Fri, 02 Jan 2026 03:04:05 +0000" (RFC 5322, 3.3)
std::string mail_date(Time time) {
  using std::chrono::floor, std::chrono::weekday, std::chrono::year_month_day;
  constexpr const char* kDays[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  constexpr const char* kMonths[] = {"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                     "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  const auto day = floor<std::chrono::days>(time);
  const year_month_day date{day};
  const std::chrono::hh_mm_ss clock{floor<std::chrono::seconds>(time - day)};
  return fmt::format("{}, {:02} {} {} {:02}:{:02}:{:02} +0000", kDays[weekday{day}.c_encoding()],
                     static_cast<unsigned>(date.day()),
                     kMonths[static_cast<unsigned>(date.month()) - 1],
                     static_cast<int>(date.year()), clock.hours().count(), clock.minutes().count(),
                     clock.seconds().count());
}

std::string in_html(const std::string& text) {
  std::string out;
  for (const char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      default: out += c;
    }
  }
  return out;
}

std::string plain_text(const MailText& mail) {
  std::string text;
  for (const auto& [name, value] : mail.facts) text += name + ": " + value + "\n";
  for (const AlertWords& part : mail.parts) {
    text += (text.empty() ? "" : "\n") + part.title + "\n";
    if (!part.text.empty()) text += part.text + "\n";
    for (const auto& [name, value] : part.facts) text += "  " + name + ": " + value + "\n";
    for (const std::string& line : part.lines) text += "  - " + line + "\n";
    if (!part.link.empty()) text += part.link + "\n";
  }
  return text;
}

std::string table_of(const std::vector<std::pair<std::string, std::string>>& facts) {
  if (facts.empty()) return {};
  std::string html = "<table>";
  for (const auto& [name, value] : facts) {
    html += "<tr><td style=\"padding-right:1em;color:#555\">" + in_html(name) + "</td><td>" +
            in_html(value) + "</td></tr>";
  }
  return html + "</table>";
}

std::string html_text(const MailText& mail) {
  std::string html =
      "<!doctype html><html><body style=\"font-family:sans-serif;font-size:14px\">" +
      table_of(mail.facts);
  for (const AlertWords& part : mail.parts) {
    html += "<h2 style=\"font-size:16px\">" + in_html(part.title) + "</h2>";
    if (!part.text.empty()) html += "<p>" + in_html(part.text) + "</p>";
    html += table_of(part.facts);
    if (!part.lines.empty()) {
      html += "<ul>";
      for (const std::string& line : part.lines) html += "<li>" + in_html(line) + "</li>";
      html += "</ul>";
    }
    if (!part.link.empty())
      html += "<p><a href=\"" + in_html(part.link) + "\">Open in Tideline</a></p>";
  }
  return html + "</body></html>";
}

std::string mime_part(std::string_view type, std::string_view content) {
  return fmt::format(
      "--{}\r\nContent-Type: {}; charset=utf-8\r\nContent-Transfer-Encoding: base64\r\n\r\n{}",
      kBoundary, type, base64_lines(content));
}

// The text in both forms, with its own head.
std::string alternatives(const MailText& mail) {
  return "Content-Type: multipart/alternative; boundary=\"" + std::string(kBoundary) +
         "\"\r\n\r\n" + mime_part("text/plain", plain_text(mail)) +
         mime_part("text/html", html_text(mail)) + "--" + std::string(kBoundary) + "--\r\n";
}

std::string with_attachments(const MailText& mail) {
  std::string text =
      fmt::format("Content-Type: multipart/mixed; boundary=\"{}\"\r\n\r\n--{}\r\n{}",
                  kOuterBoundary, kOuterBoundary, alternatives(mail));
  for (const MailText::Attachment& one : mail.attachments) {
    text += fmt::format(
        "--{}\r\nContent-Type: {}\r\nContent-Disposition: attachment; filename=\"{}\"\r\n"
        "Content-Transfer-Encoding: base64\r\n\r\n{}",
        kOuterBoundary, one_line(one.type), one_line(one.name), base64_lines(one.bytes));
  }
  return text + fmt::format("--{}--\r\n", kOuterBoundary);
}

}  // namespace

std::string written(const MailText& mail) {
  std::string to;
  for (const std::string& address : mail.to)
    to += (to.empty() ? "" : ",\r\n ") + one_line(address);
  const std::size_t at = mail.from.find('@');
  const std::string domain =
      at == std::string::npos ? "localhost" : one_line(mail.from.substr(at + 1));
  return "From: Tideline <" + one_line(mail.from) + ">\r\nTo: " + to +
         "\r\nSubject: " + encoded_subject(mail.subject) + "\r\nDate: " + mail_date(mail.date) +
         "\r\nMessage-ID: <" + mail.id + "@" + domain +
         ">\r\nAuto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n" +
         (mail.attachments.empty() ? alternatives(mail) : with_attachments(mail));
}

}  // namespace tideline
