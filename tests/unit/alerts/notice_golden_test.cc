// The messages owners get: tests/golden/notices/<locale>/<template>.{txt,html,sms}.
#include <gtest/gtest.h>

#include "alerts/notice_text.h"
#include "tests/unit/alerts/golden.h"

namespace tocsin::alerts::testing {
namespace {

class NoticeGoldenTest : public ::testing::TestWithParam<std::tuple<NoticeTemplate, Locale>> {};

TEST_P(NoticeGoldenTest, ReadsAsWritten) {
  const auto [form, locale] = GetParam();
  const NoticeFacts facts = SampleFacts(form);
  const RenderedNotice mail = RenderNotice(form, locale, schemas::ContactChannel::kEmail, facts);
  const RenderedNotice sms = RenderNotice(form, locale, schemas::ContactChannel::kSms, facts);
  const std::string name = "notices/" + std::string(Name(locale)) + "/" + std::string(Name(form));
  ExpectGolden(name + ".txt", mail.subject + "\n\n" + mail.text);
  ExpectGolden(name + ".html", mail.html);
  ExpectGolden(name + ".sms", sms.text + "\n");
}

std::string TestName(const ::testing::TestParamInfo<std::tuple<NoticeTemplate, Locale>>& tested) {
  const auto [form, locale] = tested.param;
  return std::string(Name(form)) + (locale == Locale::kEn ? "_en" : "_zh");
}

INSTANTIATE_TEST_SUITE_P(All, NoticeGoldenTest,
                         ::testing::Combine(::testing::ValuesIn(kNoticeTemplates),
                                            ::testing::ValuesIn(kLocales)),
                         TestName);

}  // namespace
}  // namespace tocsin::alerts::testing
