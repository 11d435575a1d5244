#include "alerts/payment_fact.h"

#include <utility>

#include "alerts/case_file.h"
#include "alerts/codec_fields.h"
#include "base/text.h"

namespace tocsin::alerts {
namespace {

// Of reports of one time, the one that is further on.
auto Newness(Timestamp at, schemas::TransactionStatus status) {
  return std::pair(at, MoneyOut::Payment{.status = status}.fate());
}

}  // namespace

bool PaymentFact::IsNewsIn(const schemas::Event& event) const {
  const schemas::Transaction* const transaction = event.transaction();
  return transaction != nullptr && key != 0 && PaymentKey(transaction->transaction_id) == key &&
         Newness(event.occurred_at, transaction->status) > Newness(said_at, status);
}

void PaymentFact::Encode(ByteWriter& writer) const {
  writer.Fixed64(key);
  WriteTime(said_at, writer);
  WriteEnum(kind, writer);
  WriteEnum(direction, writer);
  WriteEnum(status, writer);
  WriteMoney(amount, writer);
  writer.String(other);
}

PaymentFact PaymentFact::Decode(ByteReader& reader) {
  PaymentFact payment;
  payment.key = reader.Fixed64();
  payment.said_at = ReadTime(reader);
  payment.kind = ReadEnum(reader, schemas::TransactionKind::kFee);
  payment.direction = ReadEnum(reader, schemas::Direction::kIn);
  payment.status = ReadEnum(reader, schemas::TransactionStatus::kReversed);
  payment.amount = ReadMoney(reader);
  payment.other = reader.String();
  return payment;
}

PaymentFact ToPaymentFact(const schemas::Event& event) {
  const schemas::Transaction& transaction = *event.transaction();
  return {.key = PaymentKey(transaction.transaction_id),
          .said_at = event.occurred_at,
          .kind = transaction.kind,
          .direction = transaction.direction,
          .status = transaction.status,
          .amount = transaction.amount,
          .other = MaskedOther(transaction)};
}

std::string MaskedOther(const schemas::Transaction& transaction) {
  const schemas::Counterparty& other = transaction.counterparty;
  return MaskId(CleanText(other.name.empty() ? other.id : other.name));
}

}  // namespace tocsin::alerts
