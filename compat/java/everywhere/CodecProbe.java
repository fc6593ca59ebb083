// A client of the codec matrix (compat/codecs/command-client.ts): writes the records of standard input, prints those that it reads.
import java.io.*;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.*;
import java.util.concurrent.Future;
import java.util.regex.*;
import org.apache.kafka.clients.consumer.*;
import org.apache.kafka.clients.producer.*;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.header.Header;
import org.apache.kafka.common.header.internals.RecordHeader;
import org.apache.kafka.common.serialization.*;

public class CodecProbe {
  // Names of headers may hold anything that JSON can write. Possessive: a group that is repeated for each letter overflows the stack in a large value.
  static final String TEXT = "\"([^\"\\\\]*+(?:\\\\.[^\"\\\\]*+)*+)\"";
  static final Pattern FIELD = Pattern.compile("\"(key|value)\":(?:null|" + TEXT + ")");
  static final Pattern HEADER = Pattern.compile("\\[" + TEXT + ",(?:null|" + TEXT + ")\\]");

  public static void main(String[] arguments) throws Exception {
    Map<String, String> options = new HashMap<>();
    for (int at = 1; at + 1 < arguments.length; at += 2) options.put(arguments[at].substring(2), arguments[at + 1]);
    if (arguments[0].equals("write")) write(options);
    else read(options);
  }

  static void write(Map<String, String> options) throws Exception {
    Map<String, Object> settings = Map.of("bootstrap.servers", options.get("bootstrap"), "acks", "all", "linger.ms", 100, "batch.size", 200_000, "compression.type", options.get("codec"));
    var lines = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    List<Future<RecordMetadata>> sent = new ArrayList<>();
    try (var producer = new KafkaProducer<>(settings, new ByteArraySerializer(), new ByteArraySerializer())) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        if (!line.startsWith("{")) continue;
        byte[] key = null, value = null;
        int from = line.indexOf("\"headers\":");
        Matcher field = FIELD.matcher(line);
        while (field.find()) {
          if (field.start() > from) break;
          if (field.group(1).equals("key")) key = decode(field.group(2));
          else value = decode(field.group(2));
        }
        List<Header> headers = new ArrayList<>();
        Matcher header = HEADER.matcher(line.substring(from));
        while (header.find()) headers.add(new RecordHeader(unescape(header.group(1)), decode(header.group(2))));
        sent.add(producer.send(new ProducerRecord<>(options.get("topic"), 0, key, value, headers)));
      }
      producer.flush();
    }
    for (var future : sent) future.get();
  }

  static void read(Map<String, String> options) throws Exception {
    int left = Integer.parseInt(options.get("count"));
    PrintStream out = new PrintStream(new FileOutputStream(FileDescriptor.out), false, StandardCharsets.UTF_8);
    Map<String, Object> settings = Map.of("bootstrap.servers", options.get("bootstrap"), "auto.offset.reset", "earliest");
    long deadline = System.currentTimeMillis() + 60_000;
    try (var consumer = new KafkaConsumer<>(settings, new ByteArrayDeserializer(), new ByteArrayDeserializer())) {
      consumer.assign(List.of(new TopicPartition(options.get("topic"), 0)));
      while (left > 0) {
        if (System.currentTimeMillis() > deadline) throw new IllegalStateException(left + " records are missing");
        for (var record : consumer.poll(Duration.ofMillis(200))) {
          if (left-- <= 0) break;
          StringJoiner headers = new StringJoiner(",", "[", "]");
          for (Header header : record.headers()) headers.add("[\"" + escape(header.key()) + "\"," + encode(header.value()) + "]");
          out.println("{\"key\":" + encode(record.key()) + ",\"value\":" + encode(record.value()) + ",\"headers\":" + headers + "}");
        }
      }
    }
    out.flush();
  }

  static byte[] decode(String text) {
    return text == null ? null : Base64.getDecoder().decode(text);
  }

  static String encode(byte[] bytes) {
    return bytes == null ? "null" : '"' + Base64.getEncoder().encodeToString(bytes) + '"';
  }

  static String escape(String text) {
    StringBuilder escaped = new StringBuilder();
    for (char c : text.toCharArray()) escaped.append(c < ' ' || c == '"' || c == '\\' ? String.format("\\u%04x", (int) c) : String.valueOf(c));
    return escaped.toString();
  }

  static final Map<Character, Character> ESCAPES = Map.of('n', '\n', 't', '\t', 'r', '\r', 'b', '\b', 'f', '\f');

  static String unescape(String text) {
    StringBuilder plain = new StringBuilder();
    for (int at = 0; at < text.length(); at++) {
      char c = text.charAt(at);
      if (c != '\\') plain.append(c);
      else if (text.charAt(++at) == 'u') { plain.append((char) Integer.parseInt(text.substring(at + 1, at + 5), 16)); at += 4; }
      else plain.append(ESCAPES.getOrDefault(text.charAt(at), text.charAt(at)));
    }
    return plain.toString();
  }
}
