// The token in a "was this you?" link: proof that we sent it, to whom, for which notice and which answer, and
// until when.
//
//   base64url( fields | HMAC-SHA256 )
//   fields = version 2, key id, notice id, verdict, expiry (seconds), audience, sealed account, locale; each
//   preceded by its length. Version 1 had no locale; what is on its way stays good.
//
// The account travels inside, so that the answer page needs no look-up; it is sealed (AES-256-CTR under a key
// derived from the secret, with the notice id as nonce: one notice has one account), because a link ends up
// in logs and mail archives and an account id may be an account number. The MAC covers the sealed form and
// everything else.
//
// What a token cannot do is in the answer page's hands: a GET changes nothing, each answer counts once, and
// "it was not me" stands.
//
// Thread safety: any thread.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "alerts/alerts_config.h"
#include "base/result.h"
#include "base/strong_id.h"
#include "base/time.h"
#include "schemas/event.h"

namespace tocsin::alerts {

struct AnswerClaim {
  std::string notice_id;  // 32 hex digits.
  AccountId account_id;
  schemas::FeedbackVerdict verdict = schemas::FeedbackVerdict::kNone;  // kMe or kNotMe.
  Timestamp expires_at;                                                // Whole seconds; a rest is cut.
  std::string locale;    // Of the notice: "en", "zh-CN"; "" : the link does not say.
  size_t signed_by = 0;  // Of a verified token: which of the keys, in their order. It is not in the token.
  friend bool operator==(const AnswerClaim&, const AnswerClaim&) = default;
};

// Equal claims give equal tokens: letters, digits, '-' and '_' only. REQUIRES: a key.
[[nodiscard]] std::string MakeAnswerToken(const AnswerClaim& claim, const AnswersConfig& config);

// The claim of a token we made under one of `configs` (the present key, then those before it), for its
// audience, that has not expired at `now`. kInvalid "token" for everything else, without saying which part
// was wrong, except kNotFound "expired" for a genuine token that is too old. The comparison takes the same
// time wherever it fails.
[[nodiscard]] Result<AnswerClaim> VerifyAnswerToken(std::string_view token,
                                                    std::span<const AnswersConfig> configs, Timestamp now);

// The id of the event that an answer ("me", "not_me") becomes: equal for equal answers, and made by nobody
// without the secret, who could send something else of that id before. The secret is that of the key that
// signed the link, so that the answer is the same one when another key has become the present.
[[nodiscard]] std::string AnswerId(const AnswerClaim& claim, std::string_view said, std::string_view secret);

// The same of what an agent made of a case, for the `number`th time: made by nobody without the secret.
[[nodiscard]] std::string OutcomeId(std::string_view case_id, std::string_view verdict, int64_t number,
                                    std::string_view secret);

// The language of a genuine token, however old; "" for everything else.
[[nodiscard]] std::string LocaleOfAnswerToken(std::string_view token, std::span<const AnswersConfig> configs);

}  // namespace tocsin::alerts
