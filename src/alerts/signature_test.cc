#include "alerts/signature.h"

#include <gtest/gtest.h>

namespace tideline {
namespace {

// The vector that the specification's own libraries are tested with.
constexpr const char* kSecret = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
constexpr const char* kId = "msg_p5jXN8AQM9LWM0D4loKWxJek";
constexpr const char* kBody = R"({"test": 2432232314})";
constexpr const char* kSignature = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";
const Time kSent = time_from_millis(1'614'265'330'999);

TEST(SignatureTest, IsThatOfTheSpecification) {
  EXPECT_EQ(webhook_timestamp(kSent), "1614265330");
  EXPECT_EQ(webhook_signature({kSecret}, kId, kSent, kBody), kSignature);
}

TEST(SignatureTest, CoversIdTimeAndBody) {
  EXPECT_NE(webhook_signature({kSecret}, "msg_other", kSent, kBody), kSignature);
  EXPECT_NE(webhook_signature({kSecret}, kId, kSent + kSecond, kBody), kSignature);
  EXPECT_NE(webhook_signature({kSecret}, kId, kSent, "{}"), kSignature);
}

TEST(SignatureTest, OneASecretWhileTheyChange) {
  const std::string other = secret_of_key(std::string(32, 'k'));
  const std::string both = webhook_signature({other, kSecret}, kId, kSent, kBody);
  EXPECT_EQ(both, webhook_signature({other}, kId, kSent, kBody) + " " + kSignature);
}

TEST(SignatureTest, SecretsOfTheRightLengthOnly) {
  EXPECT_EQ(key_of_secret(secret_of_key(std::string(24, 'k'))), std::string(24, 'k'));
  EXPECT_EQ(key_of_secret(secret_of_key(std::string(64, 'k'))), std::string(64, 'k'));
  EXPECT_FALSE(key_of_secret(secret_of_key(std::string(23, 'k'))));
  EXPECT_FALSE(key_of_secret(secret_of_key(std::string(65, 'k'))));
  EXPECT_FALSE(key_of_secret("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"));
  EXPECT_FALSE(key_of_secret("whsec_not base64!"));
}

}  // namespace
}  // namespace tideline
