using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Hosting.Internal;
using Microsoft.Extensions.Logging.Abstractions;
using Streaming.Silo;
using Streaming.WebFront;

namespace Streaming.Tests.Http;

/// <summary>What a front says to clients once it has been told to stop.</summary>
public sealed class DrainTests
{
    [Theory]
    [InlineData("HTTP/1.0", false, null)]
    [InlineData("HTTP/1.1", false, null)]
    [InlineData("HTTP/1.1", true, "close")]
    // It has a frame that says so.
    [InlineData("HTTP/2", true, null)]
    public async Task Connection_is_given_up_with_the_first_answer_of_a_drain(string protocol, bool drains, string? expected)
    {
        using var lifetime = new ApplicationLifetimeOf();
        using var drain = new Drain(TimeSpan.Zero, lifetime.Lifetime);
        var middleware = new ProblemMiddleware(
            context => context.Response.WriteAsync("ok", TestContext.Current.CancellationToken), drain, TimeProvider.System, NullLogger<ProblemMiddleware>.Instance);
        if (drains)
            await drain.StoppingAsync(TestContext.Current.CancellationToken);

        var context = new DefaultHttpContext { Request = { Protocol = protocol } };
        await middleware.InvokeAsync(context);

        Assert.Equal(expected, (string?)context.Response.Headers.Connection);
    }

    private sealed class ApplicationLifetimeOf : IDisposable
    {
        public ApplicationLifetime Lifetime { get; } = new(NullLogger<ApplicationLifetime>.Instance);

        public void Dispose() => Lifetime.StopApplication();
    }
}
