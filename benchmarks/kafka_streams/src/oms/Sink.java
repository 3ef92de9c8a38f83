package oms;

import java.util.Map;
import java.util.Set;
import org.apache.kafka.streams.processor.api.Processor;
import org.apache.kafka.streams.processor.api.ProcessorContext;
import org.apache.kafka.streams.processor.api.ProcessorSupplier;
import org.apache.kafka.streams.processor.api.Record;
import org.apache.kafka.streams.state.StoreBuilder;

/** The end of the topology: hands complete orders to the `ReadModel` of their task. */
record Sink(String url) implements ProcessorSupplier<String, JoinedOrder, Void, Void> {
  @Override
  public Processor<String, JoinedOrder, Void, Void> get() {
    return new Processor<>() {
      private ReadModel readModel;

      @Override
      public void init(ProcessorContext<Void, Void> context) {
        readModel = context.getStateStore(ReadModel.NAME);
      }

      @Override
      public void process(Record<String, JoinedOrder> order) {
        readModel.add(order.value());
      }
    };
  }

  @Override
  public Set<StoreBuilder<?>> stores() {
    return Set.of(new Builder(url));
  }

  /** Builds the store, which has neither a changelog nor a cache. */
  private record Builder(String url) implements StoreBuilder<ReadModel> {
    @Override
    public ReadModel build() {
      return new ReadModel(url);
    }

    @Override
    public String name() {
      return ReadModel.NAME;
    }

    @Override
    public StoreBuilder<ReadModel> withCachingEnabled() {
      throw new UnsupportedOperationException();
    }

    @Override
    public StoreBuilder<ReadModel> withCachingDisabled() {
      return this;
    }

    @Override
    public StoreBuilder<ReadModel> withLoggingEnabled(Map<String, String> settings) {
      throw new UnsupportedOperationException();
    }

    @Override
    public StoreBuilder<ReadModel> withLoggingDisabled() {
      return this;
    }

    @Override
    public Map<String, String> logConfig() {
      return Map.of();
    }

    @Override
    public boolean loggingEnabled() {
      return false;
    }
  }
}
