using System.Collections.Concurrent;
using System.Net.Http.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.TestHost;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Streaming.Reviews;
using Streaming.Storage.Embedded;
using Streaming.Tests.Reviews;

namespace Streaming.Tests.Http;

/// <summary>Callers who hang up before they have their answer.</summary>
public sealed class HangUpTests(HangUpTests.Application application) : IClassFixture<HangUpTests.Application>
{
    private static readonly TimeSpan LongEnough = TimeSpan.FromSeconds(30);

    private readonly TaskCompletionSource begun = new(TaskCreationOptions.RunContinuationsAsynchronously);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Read_of_the_store_ends_and_is_nobodys_failure()
    {
        var givenUp = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var path = $"/api/v1/content/{application.TakeTitle()}/reviews";
        var request = application.Await(path, async (_, cancel) =>
        {
            begun.SetResult();
            try
            {
                await Task.Delay(Timeout.Infinite, cancel);
            }
            finally
            {
                givenUp.SetResult();
            }
        });

        await HangUpAsync(new HttpRequestMessage(HttpMethod.Get, path));

        await givenUp.Task.WaitAsync(LongEnough, Cancel);
        Assert.InRange(await request.Ended.WaitAsync(LongEnough, Cancel), 200, 499);
        Assert.Empty(application.Warnings);
    }

    [Fact]
    public async Task Write_goes_on_to_its_end()
    {
        var (open, atStore) = (new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously), new TaskCompletionSource<CancellationToken>(TaskCreationOptions.RunContinuationsAsynchronously));
        var (path, user) = ($"/api/v1/content/{application.TakeTitle()}/reviews", application.TakeUser());
        var request = application.Await(path, async (_, cancel) =>
        {
            begun.SetResult();
            await open.Task;
            atStore.SetResult(cancel);
        });

        await HangUpAsync(new HttpRequestMessage(HttpMethod.Post, path) { Content = JsonContent.Create(new { user_id = user, rating = 8, comment = "Good." }) });
        await request.Gone.WaitAsync(LongEnough, Cancel);
        open.SetResult();

        Assert.False((await atStore.Task.WaitAsync(LongEnough, Cancel)).IsCancellationRequested);
        Assert.Equal(201, await request.Ended.WaitAsync(LongEnough, Cancel));
        application.Await(path, (_, _) => Task.CompletedTask);
        Assert.Equal("Good.", (await application.Api.GetAsync(path)).IsJson().Json.EnumerateArray().First().GetProperty("comment").GetString());
        Assert.Empty(application.Warnings);
    }

    private async Task HangUpAsync(HttpRequestMessage request)
    {
        using (request)
        {
            using var client = application.CreateClient();
            using var caller = new CancellationTokenSource();
            var call = client.SendAsync(request, caller.Token);
            await begun.Task.WaitAsync(LongEnough, Cancel);
            await caller.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => call);
        }
    }

    /// <param name="Gone">The server has noticed that the caller hung up.</param>
    /// <param name="Ended">The status with which the program was done with it.</param>
    public sealed record AwaitedRequest(Task Gone, Task<int> Ended);

    public sealed class Application() : StreamingApplication(Environments.Development, ("Seed:Titles", "20")), ILoggerProvider, ILogger
    {
        private readonly ConcurrentQueue<string> warnings = [];
        private (string Path, TaskCompletionSource Gone, TaskCompletionSource<int> Ended) awaited;

        public IReadOnlyCollection<string> Warnings => warnings;

        /// <summary>The next request to a path, and what its call of the review store does first.</summary>
        public AwaitedRequest Await(string path, Func<string, CancellationToken, Task> before)
        {
            Services.GetRequiredService<ReviewsDouble>().Before = before;
            awaited = (path, new(TaskCreationOptions.RunContinuationsAsynchronously), new(TaskCreationOptions.RunContinuationsAsynchronously));
            return new AwaitedRequest(awaited.Gone.Task, awaited.Ended.Task);
        }

        ILogger ILoggerProvider.CreateLogger(string categoryName) => this;

        IDisposable? ILogger.BeginScope<TState>(TState state) => null;

        bool ILogger.IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

        void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            if (logLevel >= LogLevel.Warning)
                warnings.Enqueue(formatter(state, exception));
        }

        protected override void ConfigureWebHost(IWebHostBuilder builder)
        {
            base.ConfigureWebHost(builder);
            builder.ConfigureTestServices(services =>
            {
                services.AddLogging(logging => logging.AddProvider(this));
                services.AddSingleton(provider => new ReviewsDouble(ActivatorUtilities.CreateInstance<SqliteReviewStore>(provider)));
                services.AddSingleton<IReviewStore>(provider => provider.GetRequiredService<ReviewsDouble>());
                services.AddSingleton<IStartupFilter>(new Watch(this));
            });
        }

        /// <summary>Outside of everything.</summary>
        private sealed class Watch(Application application) : IStartupFilter
        {
            public Action<IApplicationBuilder> Configure(Action<IApplicationBuilder> next) => app =>
            {
                app.Use(async (context, inner) =>
                {
                    var (path, gone, ended) = application.awaited;
                    if (context.Request.Path != path)
                    {
                        await inner(context);
                        return;
                    }

                    await using var aborted = context.RequestAborted.UnsafeRegister(static gone => ((TaskCompletionSource)gone!).TrySetResult(), gone);
                    await inner(context);
                    ended.TrySetResult(context.Response.StatusCode);
                });
                next(app);
            };
        }
    }
}
