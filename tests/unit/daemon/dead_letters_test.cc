// What an operator does with dead letters, and what a forged one must not make of that.
#include "daemon/service/dead_letters.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "daemon/log/kafka_letters.h"
#include "schemas/encode.h"
#include "tests/support/temp_directory.h"

namespace tocsin::daemon {
namespace {

using testing::ElementsAre;

std::string LetterOf(const std::string& topic) {
  std::string line;
  schemas::DeadLetter letter;
  letter.topic = topic;
  letter.reason = "not_json";
  schemas::AppendJson(line, letter);
  return line;
}

class DeadLettersTest : public testing::Test {
 protected:
  [[nodiscard]] std::string IdOf(const std::string& topic) const {
    const Result<std::vector<KeptLetter>> all = letters_.List(10);
    for (const KeptLetter& kept : *all) {
      if (kept.letter.topic == topic) return kept.id;
    }
    return "none";
  }

  const TempDirectory directory_;
  KafkaConfig kafka_;
  std::vector<std::string> lines_ = {LetterOf("logins")};
  std::vector<std::string> put_back_;
  DeadLetters letters_{directory_.path(),
                       {.newest = [this](size_t) -> Result<std::vector<std::string>> { return lines_; },
                        .put_back = [this](const schemas::DeadLetter& letter) -> Result<Done> {
                          put_back_.push_back(letter.topic);
                          return Done{};
                        },
                        .is_read = [this](const std::string& topic) { return IsReadTopic(kafka_, topic); }}};
};

// Who may write to the dead-letter topic has the operator write the changelog.
TEST_F(DeadLettersTest, AreGivenBackToTopicsThatAreReadAndToNoOther) {
  EXPECT_EQ(*letters_.Replay(""), 1U);
  EXPECT_THAT(put_back_, ElementsAre("logins"));
  lines_.push_back(LetterOf("transactions"));
  lines_.push_back(LetterOf(kafka_.changelog_topic));
  const Result<size_t> all = letters_.Replay("");
  ASSERT_FALSE(all);
  EXPECT_EQ(all.error().code, ErrorCode::kConflict);
  EXPECT_EQ(all.error().field, "dead letter " + IdOf(kafka_.changelog_topic));
  EXPECT_FALSE(letters_.Replay(IdOf(kafka_.changelog_topic)));
  EXPECT_THAT(put_back_, ElementsAre("logins"));
  EXPECT_EQ(*letters_.Drop(IdOf(kafka_.changelog_topic)), 1U);
  EXPECT_EQ(*letters_.Replay(""), 1U);
  EXPECT_THAT(put_back_, ElementsAre("logins", "transactions"));
}

TEST_F(DeadLettersTest, OfTopicsThatAreMovedIsReadWhatIsMovedAndWhatItBecomes) {
  kafka_.ingest = KafkaConfig::Ingest::kRekey;
  const KafkaConfig tasks = ForTasks(kafka_);
  EXPECT_TRUE(IsReadTopic(tasks, "logins"));
  EXPECT_TRUE(IsReadTopic(tasks, tasks.rekeyed_topic));
  EXPECT_FALSE(IsReadTopic(tasks, tasks.changelog_topic));
  EXPECT_FALSE(IsReadTopic(tasks, ""));
}

}  // namespace
}  // namespace tocsin::daemon
