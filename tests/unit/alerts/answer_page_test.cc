#include "alerts/answer_page.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace tocsin::alerts {
namespace {

using schemas::FeedbackVerdict;
using ::testing::HasSubstr;
using ::testing::Not;

// The other language is another GET: what came of an answer would become the question again.
TEST(AnswerPageTest, OnlyWhatCanBeAskedForAgainLeadsToTheOtherLanguage) {
  for (const Locale locale : kLocales) {
    const auto shown = [locale](AnswerPage page) {
      return RenderAnswerPage(page, locale, {}, FeedbackVerdict::kNotMe);
    };
    for (const AnswerPage page : {AnswerPage::kAsk, AnswerPage::kExpired, AnswerPage::kUnknown})
      EXPECT_THAT(shown(page), HasSubstr("?lang="));
    for (const AnswerPage page :
         {AnswerPage::kThanksMe, AnswerPage::kThanksNotMe, AnswerPage::kAnswered, AnswerPage::kLater})
      EXPECT_THAT(shown(page), Not(HasSubstr("?lang=")));
  }
}

}  // namespace
}  // namespace tocsin::alerts
