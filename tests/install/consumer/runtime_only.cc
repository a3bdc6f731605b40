#include "tocsin/event_reader.h"

int main() {
  tocsin::EventReader reader(tocsin::FromBytes("{\"a\":1}\n{\"a\":2}\n"));
  int events = 0;
  while (reader.Next() == tocsin::EventReader::kEvent) ++events;
  return events == 2 ? 0 : 1;
}
