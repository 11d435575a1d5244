// The messages owners get, tests/golden/notices/<locale>/: of each form in each situation <sample>.{txt,sms},
// of the seven forms the page as well; of each reason, change and kind of payment what is its own, in
// sentences.txt.
#include <gtest/gtest.h>

#include "alerts/notice_samples.h"
#include "alerts/notice_text.h"
#include "alerts/notice_words.h"
#include "tests/unit/alerts/golden.h"

namespace tocsin::alerts::testing {
namespace {

bool IsWhole(const NoticeSample& sample) {
  return TemplateFromName(sample.name.substr(0, sample.name.find('.'))).has_value();
}

std::string Named(const NoticeSample& sample, Locale locale) {
  return "notices/" + std::string(Name(locale)) + "/" + sample.name;
}

class NoticeGoldenTest : public ::testing::TestWithParam<Locale> {};

TEST_P(NoticeGoldenTest, ReadsAsWritten) {
  for (const NoticeSample& sample : NoticeSamples()) {
    if (!IsWhole(sample)) continue;
    const RenderedNotice mail =
        RenderNotice(sample.form, GetParam(), schemas::ContactChannel::kEmail, sample.facts);
    const RenderedNotice sms =
        RenderNotice(sample.form, GetParam(), schemas::ContactChannel::kSms, sample.facts);
    const std::string name = Named(sample, GetParam());
    ExpectGolden(name + ".txt", mail.subject + "\n\n" + mail.text);
    ExpectGolden(name + ".sms", sms.text + "\n");
    if (TemplateFromName(sample.name)) ExpectGolden(name + ".html", mail.html);
  }
}

TEST_P(NoticeGoldenTest, SaysEachSentenceAsWritten) {
  std::string all;
  for (const NoticeSample& sample : NoticeSamples()) {
    if (IsWhole(sample)) continue;
    const NoticeWords words(sample.form, GetParam(), sample.facts);
    all += sample.name + "\n  " + words.Subject() + "\n";
    for (const std::string& line : words.What()) all += "  " + line + "\n";
    for (const std::string& line : words.Reasons()) all += "  - " + line + "\n";
    all += "  " + words.Short() + "\n\n";
  }
  ExpectGolden("notices/" + std::string(Name(GetParam())) + "/sentences.txt", all);
}

INSTANTIATE_TEST_SUITE_P(All, NoticeGoldenTest, ::testing::ValuesIn(kLocales),
                         [](const auto& tested) { return tested.param == Locale::kEn ? "en" : "zh"; });

}  // namespace
}  // namespace tocsin::alerts::testing
