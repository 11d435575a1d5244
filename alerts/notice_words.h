// The words of one notice in one language: each part a sentence of the catalogue, filled with facts. Layout
// is notice_text.cc's.
//
// Thread safety: any thread; it looks at the facts as long as it lives.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "alerts/messages.h"
#include "alerts/notice_facts.h"
#include "base/time.h"

namespace tocsin::alerts {

class NoticeWords {
 public:
  NoticeWords(NoticeTemplate form, Locale locale, const NoticeFacts& facts)
      : form_(form), locale_(locale), facts_(facts) {}

  [[nodiscard]] std::string Subject() const;
  [[nodiscard]] std::string Greeting() const;
  [[nodiscard]] std::vector<std::string> What() const;
  [[nodiscard]] std::vector<std::string> Reasons() const;
  [[nodiscard]] std::string When() const;
  [[nodiscard]] std::string Until(Timestamp at) const;
  [[nodiscard]] std::string Place() const;
  [[nodiscard]] std::string Device() const;
  [[nodiscard]] std::string Amount() const;
  [[nodiscard]] std::string Where() const;
  // Label and value, in the order shown.
  [[nodiscard]] std::vector<std::pair<std::string, std::string>> Rows() const;
  [[nodiscard]] std::vector<std::string> Done() const;
  [[nodiscard]] std::string Review() const;
  [[nodiscard]] bool has_links() const;
  [[nodiscard]] std::string AnswerIntro() const;
  [[nodiscard]] std::string AnswerNote() const;
  [[nodiscard]] std::string AnswerWithoutLink() const;
  [[nodiscard]] std::vector<std::string> Now() const;
  [[nodiscard]] std::string Next() const;
  [[nodiscard]] std::string Held() const;
  [[nodiscard]] std::vector<std::string> Channels() const;
  // One short message in English, two in Chinese, whatever the account did.
  [[nodiscard]] std::string Short() const;
  [[nodiscard]] std::string Say(MessageKey key) const;
  [[nodiscard]] std::string Never() const;
  [[nodiscard]] std::string Footer() const;

 private:
  [[nodiscard]] std::string_view Variant() const;
  // Or is about to.
  [[nodiscard]] bool MoneyLeft() const;
  // What happened, and whether it succeeded.
  [[nodiscard]] std::string EventSentence() const;
  [[nodiscard]] std::string ShortWith(bool place, bool never, bool sums) const;
  // What a digest has no room for; "" when there is room.
  [[nodiscard]] std::string NotListedText() const;
  [[nodiscard]] std::string DigestLine(const NoticeFacts::Reason& reason, bool payment) const;
  [[nodiscard]] std::string Kind(schemas::TransactionKind kind) const;
  [[nodiscard]] std::string PaymentText(const PaymentFact& payment) const;
  [[nodiscard]] const std::string& AppPath() const;
  [[nodiscard]] const std::string& SupportName() const;

  NoticeTemplate form_;
  Locale locale_;
  const NoticeFacts& facts_;
  const Messages& messages_ = Messages::Instance();
};

}  // namespace tocsin::alerts
