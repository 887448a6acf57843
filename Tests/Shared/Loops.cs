using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;

namespace Streaming.Tests;

/// <summary>Background loops without a program around them.</summary>
internal static class Loops
{
    private static readonly ServiceProvider Services = new ServiceCollection().AddMetrics().BuildServiceProvider();

    public static BackgroundLoops OfTests(TimeProvider? time = null) => new(Services.GetRequiredService<IMeterFactory>(), time ?? TimeProvider.System);
}
