// Mails with files.
#include "alerts/mail_text.h"

#include <gtest/gtest.h>

namespace tideline {
namespace {

TEST(MailTextTest, FilesStandBesideTheText) {
  MailText mail;
  mail.from = "tideline@example.com";
  mail.to = {"ann@example.com"};
  mail.id = "reports_1";
  mail.subject = "Reports";
  mail.parts = {{"Three reports", "Attached."}};
  const std::string without = written(mail);
  EXPECT_NE(without.find("Content-Type: multipart/alternative"), std::string::npos);
  EXPECT_EQ(without.find("multipart/mixed"), std::string::npos);
  mail.attachments = {{"cost.pdf", "application/pdf", std::string(200, '\xff')},
                      {"bad\r\nname.pdf", "application/pdf", "x"}};
  const std::string with = written(mail);
  EXPECT_NE(with.find("Content-Type: multipart/mixed; boundary="), std::string::npos);
  EXPECT_NE(with.find("filename=\"cost.pdf\"\r\nContent-Transfer-Encoding: base64\r\n\r\n////"),
            std::string::npos)
      << with;
  EXPECT_EQ(with.find("bad\r\nname"), std::string::npos);
  EXPECT_TRUE(with.ends_with("--=_tideline_mixed--\r\n"));
  std::size_t longest = 0, begin = 0;
  for (std::size_t end; (end = with.find("\r\n", begin)) != std::string::npos; begin = end + 2)
    longest = std::max(longest, end - begin);
  EXPECT_LE(longest, 998U);
}

}  // namespace
}  // namespace tideline
