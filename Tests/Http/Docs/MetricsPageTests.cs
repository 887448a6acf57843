using System.Diagnostics.Metrics;
using System.Reflection;
using System.Text;
using Microsoft.Extensions.DependencyInjection;
using Streaming.Tests.Http;

namespace Streaming.Tests.Docs;

/// <summary>The tables of metrics in docs/operations.md are made from the instruments of a running program.</summary>
[Collection(HttpTests.Name)]
public sealed class MetricsPageTests(StreamingApplication application)
{
    [Fact]
    public void Tables_are_of_the_instruments_that_the_programs_have()
    {
        _ = application.Api;
        // Some come into being with the first use of who makes them, or of who uses that.
        var makers = OptionsClass.Types.Where(type => Takes(type, typeof(IMeterFactory))).ToArray();
        foreach (var type in makers.Concat(OptionsClass.Types.Where(type => Takes(type, makers))))
            _ = application.Services.GetService(type);

        var text = new StringBuilder();
        foreach (var meter in Instruments().GroupBy(instrument => instrument.Meter.Name).OrderBy(meter => meter.Key, StringComparer.Ordinal))
        {
            text.Append($"\n### {meter.Key}\n\n| instrument | kind | unit | what |\n| --- | --- | --- | --- |\n");
            foreach (var instrument in meter.OrderBy(instrument => instrument.Name, StringComparer.Ordinal))
                text.Append($"| `{instrument.Name}` | {KindOf(instrument)} | `{instrument.Unit}` | {instrument.Description} |\n");
        }

        Pages.AssertGenerated("docs/operations.md", "metrics", text.Append('\n').ToString(), nameof(MetricsPageTests));
    }

    private static bool Takes(Type type, params Type[] parameters) =>
        type.GetConstructors(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic)
            .Any(constructor => constructor.GetParameters().Any(parameter => parameters.Contains(parameter.ParameterType)));

    private List<Instrument> Instruments()
    {
        var (instruments, factory) = (new List<Instrument>(), application.Services.GetRequiredService<IMeterFactory>());
        using var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, _) =>
        {
            // Other tests of this process have programs of their own.
            lock (instruments)
            {
                if (instrument.Meter.Scope == factory && instrument.Meter.Name.StartsWith("Streaming.", StringComparison.Ordinal))
                    instruments.Add(instrument);
            }
        };
        listener.Start();
        lock (instruments)
            return [.. instruments];
    }

    private static string KindOf(Instrument instrument)
    {
        var kind = instrument.GetType().Name;
        return kind[..kind.IndexOf('`', StringComparison.Ordinal)] switch
        {
            "Counter" => "counter",
            "Histogram" => "histogram",
            "ObservableGauge" => "gauge",
            var other => other,
        };
    }
}
