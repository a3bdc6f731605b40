import com.espertech.esper.common.client.EPCompiled;
import com.espertech.esper.common.client.configuration.Configuration;
import com.espertech.esper.compiler.client.CompilerArguments;
import com.espertech.esper.compiler.client.EPCompilerProvider;
import com.espertech.esper.runtime.client.EPEventService;
import com.espertech.esper.runtime.client.EPRuntime;
import com.espertech.esper.runtime.client.EPRuntimeProvider;
import com.espertech.esper.runtime.client.EPStatement;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Workload 1 to 5 in Esper, policy `every`, over events in order: EsperTurn FILE
 * WORKLOAD. Two passes, each in a runtime of its own; the faster one counts, so
 * that it is compiled. Prints one JSON object. Keys are numbers here.
 */
public final class EsperTurn {
  /** An event as Esper reads it. */
  public static final class Step {
    private final long ts;
    private final int id;
    private final int src;
    private final int user;
    private final int host;
    private final int kind;
    private final int sev;

    Step(ByteBuffer bytes) {
      ts = bytes.getLong();
      id = bytes.getInt();
      src = bytes.getInt();
      user = bytes.getInt();
      host = bytes.getInt();
      kind = bytes.get();
      sev = bytes.get();
      bytes.position(bytes.position() + 6);
    }

    public int getId() {
      return id;
    }

    public int getSrc() {
      return src;
    }

    public int getUser() {
      return user;
    }

    public int getHost() {
      return host;
    }

    public int getKind() {
      return kind;
    }

    public int getSev() {
      return sev;
    }
  }

  private static final String[] RULES = {
    "create table Seen (src int primary key, total count(*));"
        + "into table Seen select count(*) as total from Step#time(5 minutes)"
        + " group by src;"
        + "@name('fired') select id from Step(kind = 0 and sev >= 7) as s"
        + " where Seen[s.src].total >= 3;",
    "create table Failed (user int primary key, src int primary key,"
        + " total count(*));"
        + "into table Failed select count(*) as total"
        + " from Step(kind = 1)#time(10 minutes) group by user, src;"
        + "@name('fired') select id from Step(kind = 2) as s"
        + " where Failed[s.user, s.src].total >= 5;",
    "@name('fired') select id, src from Step(kind in (1, 2))#time(5 minutes)"
        + " group by src having count(distinct user) >= 20;",
    "@name('fired') select id from Step(kind in (3, 4, 5))#time(15 minutes)"
        + " group by host having count(*, kind = 3) > 0"
        + " and count(*, kind = 4) > 0 and count(*, kind = 5) > 0;",
    "@name('fired') select r.id as id from pattern [every r = Step(kind = 6) ->"
        + " (timer:interval(1 minute) and not Step(kind = 7, host = r.host))];",
  };

  private long fired;
  private long sum;

  private double pass(Step[] steps, String rules, int number) throws Exception {
    Configuration configuration = new Configuration();
    configuration.getCommon().addEventType("Step", Step.class);
    configuration.getRuntime().getThreading().setInternalTimerEnabled(false);
    EPRuntime runtime =
        EPRuntimeProvider.getRuntime("pass" + number, configuration);
    runtime.initialize();
    EPEventService events = runtime.getEventService();
    events.clockExternal();
    long now = steps[0].ts - 1;
    events.advanceTime(now);
    EPCompiled compiled =
        EPCompilerProvider.getCompiler()
            .compile(rules, new CompilerArguments(configuration));
    fired = 0;
    sum = 0;
    for (EPStatement statement :
        runtime.getDeploymentService().deploy(compiled).getStatements()) {
      if (!"fired".equals(statement.getName())) continue;
      statement.addListener(
          (fresh, old, source, ignored) -> {
            if (fresh == null) return;
            for (var event : fresh) {
              ++fired;
              sum += ((Integer) event.get("id") + 1L) * 0x9E3779B97F4A7C15L;
            }
          });
    }
    var threads = ManagementFactory.getThreadMXBean();
    long start = threads.getCurrentThreadCpuTime();
    for (Step step : steps) {
      if (step.ts > now) events.advanceTime(now = step.ts);
      events.sendEventBean(step, "Step");
    }
    events.advanceTime(now + 3_600_000);
    double seconds = (threads.getCurrentThreadCpuTime() - start) / 1e9;
    runtime.destroy();
    return seconds;
  }

  public static void main(String[] words) throws Exception {
    ByteBuffer bytes = ByteBuffer.wrap(Files.readAllBytes(Path.of(words[0])));
    bytes.order(ByteOrder.LITTLE_ENDIAN);
    Step[] steps = new Step[bytes.capacity() / 32];
    for (int i = 0; i < steps.length; ++i) steps[i] = new Step(bytes);
    EsperTurn turn = new EsperTurn();
    double best = Double.MAX_VALUE;
    for (int number = 0; number < 2; ++number) {
      String rules = RULES[Integer.parseInt(words[1]) - 1];
      best = Math.min(best, turn.pass(steps, rules, number));
    }
    System.out.printf(
        "{\"events_per_second\": %.0f, \"fired\": %d, \"idsum\": \"%016x\"}%n",
        steps.length / best, turn.fired, turn.sum);
    System.exit(0);
  }
}
