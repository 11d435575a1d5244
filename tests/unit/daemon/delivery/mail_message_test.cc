#include "daemon/delivery/mail_message.h"

#include <gtest/gtest.h>

#include "schemas/base64.h"

namespace tocsin::daemon {
namespace {

using testing::TestWithParam;

Mail Example() {
  Mail mail{.from = "security@example.com", .from_name = "Example Pay", .to = "owner@example.org"};
  mail.subject = "New device";
  mail.text = "Hello";
  mail.html = "<p>Hello</p>";
  mail.language = "en";
  mail.message_id = "n1.0a1b@example.com";
  mail.thread_id = "c1@example.com";
  mail.date = FromMillis(1'795'788'000'000);  // 2026-11-27T14:00:00Z, a Friday.
  return mail;
}

TEST(MailText, HasWhatAMailNeeds) {
  const std::string text = MailText(Example());
  for (const char* line :
       {"Date: Fri, 27 Nov 2026 14:00:00 +0000\r\n", "From: \"Example Pay\" <security@example.com>\r\n",
        "To: owner@example.org\r\n", "Subject: New device\r\n", "Message-ID: <n1.0a1b@example.com>\r\n",
        "References: <c1@example.com>\r\n", "Auto-Submitted: auto-generated\r\n", "Content-Language: en\r\n",
        "Content-Type: text/plain; charset=UTF-8\r\n", "Content-Type: text/html; charset=UTF-8\r\n"}) {
    EXPECT_NE(text.find(line), std::string::npos) << line;
  }
  EXPECT_LT(text.find("text/plain"), text.find("text/html"));
  EXPECT_EQ(text, MailText(Example()));
}

TEST(MailText, NobodysTextAddsAHeader) {
  Mail mail = Example();
  const std::string hostile = "x\r\nBcc: all@example.net\r\n\r\nbody\n\u2028y";
  mail.subject = hostile;
  mail.from_name = hostile + "\" <evil@example.net>";
  mail.language = hostile;
  mail.message_id = hostile;
  mail.thread_id = hostile;
  const std::string text = MailText(mail);
  const std::string head = text.substr(0, text.find("\r\n\r\n"));
  EXPECT_EQ(head.find("\r\nBcc"), std::string::npos);
  EXPECT_NE(head.find("MIME-Version: 1.0"), std::string::npos) << "the head ends where it should";
  for (size_t i = 0; i < text.size(); ++i) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    EXPECT_TRUE(c == '\r' || c == '\n' || (c >= ' ' && c <= '~')) << i;
    EXPECT_TRUE(c != '\n' || text[i - 1] == '\r') << i;
  }
}

TEST(MailText, LinesAreShort) {
  Mail mail = Example();
  mail.subject = std::string(300, 'a') + "风险";
  mail.text = std::string(5000, 'x');
  const std::string text = MailText(mail);
  for (size_t begin = 0; begin < text.size();) {
    const size_t end = text.find("\r\n", begin);
    EXPECT_LE(end - begin, 80U);
    begin = end + 2;
  }
}

// Every word decodes by itself, and together they are the text.
TEST(HeaderText, EncodesWholeCharacters) {
  const std::string subject = "您的账户在新设备上登录 – 这是您本人吗？如果不是，请立即告诉我们 😀";
  const std::string encoded = HeaderText(subject, 9);
  std::string decoded;
  for (size_t begin = 0; (begin = encoded.find("=?UTF-8?B?", begin)) != std::string::npos;) {
    const size_t end = encoded.find("?=", begin);
    ASSERT_LE(end + 2 - begin, 75U);
    const auto bytes = schemas::FromBase64(encoded.substr(begin + 10, end - begin - 10));
    ASSERT_TRUE(bytes);
    EXPECT_NE(static_cast<unsigned char>((*bytes)[0]) & 0xC0U, 0x80U)
        << "a word begins with a whole character";
    decoded += *bytes;
    begin = end;
  }
  EXPECT_EQ(decoded, subject);
}

TEST(HeaderText, WhatLooksEncodedIsEncoded) {
  EXPECT_EQ(HeaderText("=?UTF-8?B?aGk=?=", 9).find("aGk="), std::string::npos);
}

struct Address {
  const char* name;
  std::string text;
  bool good;
};
class MailAddressTest : public TestWithParam<Address> {};
TEST_P(MailAddressTest, IsOrIsNot) { EXPECT_EQ(IsMailAddress(GetParam().text), GetParam().good); }
INSTANTIATE_TEST_SUITE_P(
    Addresses, MailAddressTest,
    testing::Values(
        Address{"Plain", "owner@example.com", true}, Address{"Tag", "a.b+tag@mail.example.com", true},
        Address{"NoAt", "owner.example.com", false}, Address{"TwoAts", "a@b@example.com", false},
        Address{"Blank", "a b@example.com", false}, Address{"Bracket", "a@example.com> SIZE=1", false},
        Address{"LineBreak", "a@example.com\r\nDATA", false}, Address{"Quoted", "\"a\"@example.com", false},
        Address{"Empty", "", false}, Address{"NoLocal", "@example.com", false},
        Address{"NoDomain", "a@", false}, Address{"DotsMeet", "a..b@example.com", false},
        Address{"NotAscii", "李@example.com", false},
        Address{"Long", std::string(65, 'a') + "@example.com", false}),
    [](const auto& tested) { return tested.param.name; });

}  // namespace
}  // namespace tocsin::daemon
