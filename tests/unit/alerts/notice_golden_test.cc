// The messages owners get, word for word: tests/golden/notices/<locale>/<template>.{txt,html,sms}. A change
// of words is a change of these files (TOCSIN_UPDATE_GOLDEN=1 rewrites them), so that a person reads it
// before an owner does.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "alerts/notice_text.h"

namespace tocsin::alerts {
namespace {

void ExpectGolden(const std::string& name, const std::string& text) {
  const std::filesystem::path path = std::filesystem::path(TOCSIN_SOURCE_DIR) / "tests/golden/notices" / name;
  if (std::getenv("TOCSIN_UPDATE_GOLDEN") != nullptr) {
    std::filesystem::create_directories(path.parent_path());
    std::ofstream(path, std::ios::binary) << text;
  }
  std::ifstream file(path, std::ios::binary);
  std::stringstream golden;
  golden << file.rdbuf();
  EXPECT_EQ(text, golden.str()) << path;
}

class NoticeGoldenTest : public testing::TestWithParam<std::tuple<NoticeTemplate, Locale>> {};

TEST_P(NoticeGoldenTest, ReadsAsWritten) {
  const auto [form, locale] = GetParam();
  const NoticeFacts facts = SampleFacts(form);
  const RenderedNotice mail = RenderNotice(form, locale, schemas::ContactChannel::kEmail, facts);
  const RenderedNotice sms = RenderNotice(form, locale, schemas::ContactChannel::kSms, facts);
  const std::string name = std::string(Name(locale)) + "/" + std::string(Name(form));
  ExpectGolden(name + ".txt", mail.subject + "\n\n" + mail.text);
  ExpectGolden(name + ".html", mail.html);
  ExpectGolden(name + ".sms", sms.text + "\n");
}

std::string TestName(const testing::TestParamInfo<std::tuple<NoticeTemplate, Locale>>& tested) {
  const auto [form, locale] = tested.param;
  return std::string(Name(form)) + (locale == Locale::kEn ? "_en" : "_zh");
}

INSTANTIATE_TEST_SUITE_P(All, NoticeGoldenTest,
                         testing::Combine(testing::ValuesIn(kNoticeTemplates), testing::ValuesIn(kLocales)),
                         TestName);

}  // namespace
}  // namespace tocsin::alerts
