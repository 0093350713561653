// MailText: a mail as RFC 5322 and MIME want it, in plain text and HTML.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "alerts/alert_words.h"
#include "base/time.h"

namespace tideline {

struct MailText {
  std::string from;
  std::vector<std::string> to;
  std::string id;  // of Message-ID; letters, digits and "_"
  Time date{};
  std::string subject;
  std::vector<std::pair<std::string, std::string>> facts;  // above all parts
  std::vector<AlertWords> parts;
  struct Attachment {
    std::string name;  // of the file; plain ASCII
    std::string type;  // "application/pdf"
    std::string bytes;
  };
  std::vector<Attachment> attachments = {};
};

// Head and body, lines ending in CR LF. Nothing in it can begin a header of its own.
[[nodiscard]] std::string written(const MailText& mail);

}  // namespace tideline
