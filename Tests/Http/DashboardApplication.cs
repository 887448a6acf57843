using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.AspNetCore.Authentication;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Streaming.Users;

namespace Streaming.Tests.Http;

/// <summary>The program with access closed, so that a route that is open says something, and quick to learn of changes.</summary>
public sealed class DashboardApplication()
    : StreamingApplication(Environments.Development, ("Compatibility:OpenAccess", "false"), ("Auth:AccessPollMilliseconds", "50"), ("Dashboard:UpdateSeconds", "1"))
{
    public const string Password = "correct horse";

    private int accounts;
    private int authenticated;

    /// <summary>Requests that the framework's authentication has seen.</summary>
    internal int Authenticated => Volatile.Read(ref authenticated);

    /// <summary>What the program has logged at Warning and above, with its category.</summary>
    internal ConcurrentQueue<string> Warnings { get; } = [];

    internal IGrainFactory Grains
    {
        get
        {
            _ = Api;
            return Services.GetRequiredService<IGrainFactory>();
        }
    }

    /// <summary>A browser that nobody has used, without scripts.</summary>
    internal DashboardVisitor Visitor() => new(Api.Server);

    /// <summary>An account of its own for a test, which no failed log-ins of others hold up.</summary>
    internal async Task<(string Email, Guid UserId)> AddAccountAsync(bool administrator = false)
    {
        var number = Interlocked.Increment(ref accounts).ToString(CultureInfo.InvariantCulture);
        var registration = new Registration($"{(administrator ? "admin" : "user")}{number}@example.com", Password, "somebody");
        var grain = Grains.GetGrain<IAccountsGrain>(0);
        var result = await (administrator ? grain.AddAdministratorAsync(registration) : grain.RegisterAsync(registration));
        Assert.Equal(RegisterStatus.Registered, result.Status);
        return (registration.Email, result.UserId!.Value);
    }

    protected override void ConfigureWebHost(IWebHostBuilder builder)
    {
        base.ConfigureWebHost(builder);
        builder.ConfigureServices(services => services.AddSingleton<IStartupFilter>(new Watch(this)));
        builder.ConfigureLogging(logging => logging.AddProvider(new Lines(Warnings)));
    }

    private sealed class Watch(DashboardApplication application) : IStartupFilter
    {
        public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
        {
            app.Use(async (context, rest) =>
            {
                await rest(context);
                if (context.Features.Get<IAuthenticationFeature>() is not null || context.Features.Get<IAuthenticateResultFeature>() is not null)
                    Interlocked.Increment(ref application.authenticated);
            });
            next(app);
        };
    }

    private sealed class Lines(ConcurrentQueue<string> warnings) : ILoggerProvider
    {
        public ILogger CreateLogger(string categoryName) => new Line(categoryName, warnings);

        public void Dispose()
        {
        }
    }

    private sealed class Line(string category, ConcurrentQueue<string> warnings) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (IsEnabled(logLevel))
                warnings.Enqueue($"{category}: {formatter(state, exception)}");
        }
    }
}
