// Writes down how a program pauses, resumes and seeks partitions with librdkafka: preloaded into it (LD_PRELOAD).
//
//   CLIENT_CALLS_LOG  the file: a line "<call> <topic> <partition>" for each partition of each call
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <librdkafka/rdkafka.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

static void Note(const char* call, const rd_kafka_topic_partition_list_t* of) {
  const char* path = getenv("CLIENT_CALLS_LOG");
  if (path == NULL || of == NULL) return;
  const int fd = open(path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
  if (fd < 0) abort();
  for (int i = 0; i < of->cnt; ++i) {
    if (dprintf(fd, "%s %s %d\n", call, of->elems[i].topic, (int)of->elems[i].partition) < 0) abort();
  }
  close(fd);
}

rd_kafka_resp_err_t rd_kafka_pause_partitions(rd_kafka_t* handle, rd_kafka_topic_partition_list_t* of) {
  Note("pause", of);
  return REAL(rd_kafka_pause_partitions)(handle, of);
}

rd_kafka_resp_err_t rd_kafka_resume_partitions(rd_kafka_t* handle, rd_kafka_topic_partition_list_t* of) {
  Note("resume", of);
  return REAL(rd_kafka_resume_partitions)(handle, of);
}

rd_kafka_error_t* rd_kafka_seek_partitions(rd_kafka_t* handle, rd_kafka_topic_partition_list_t* of,
                                           int wait_millis) {
  Note("seek", of);
  return REAL(rd_kafka_seek_partitions)(handle, of, wait_millis);
}
