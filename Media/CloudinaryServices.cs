using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Http.Resilience;
using Microsoft.Extensions.Options;
using Streaming.Videos;

namespace Streaming.Media;

internal static class CloudinaryServices
{
    private const int Retries = 2;
    private const int MaxAnswerBytes = 1 << 20;

    private static readonly TimeSpan RetryDelay = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan ConnectionLifetime = TimeSpan.FromMinutes(5);

    public static void AddCloudinary(this IServiceCollection services)
    {
        services.AddSettings<CloudinaryOptions>(CloudinaryOptions.Section);
        services.AddSingleton<IValidateOptions<CloudinaryOptions>, CloudinaryValidation>();
        services.AddTransient<CloudinaryUpload.Attempts>();
        var client = services.AddHttpClient<CloudinaryMediaStore>(http =>
        {
            // The handler below bounds each attempt and all of them.
            http.Timeout = Timeout.InfiniteTimeSpan;
            http.MaxResponseContentBufferSize = MaxAnswerBytes;
        });
        client.RemoveAllLoggers();
        // The store keeps its client for ever: connections end by themselves, so that it follows the service's addresses.
        client.UseSocketsHttpHandler((handler, _) => handler.PooledConnectionLifetime = ConnectionLifetime).SetHandlerLifetime(Timeout.InfiniteTimeSpan);
        client.AddStandardResilienceHandler().Configure((HttpStandardResilienceOptions resilience, IServiceProvider provider) =>
        {
            var attempt = TimeSpan.FromSeconds(provider.GetRequiredService<IOptions<CloudinaryOptions>>().Value.RequestSeconds);
            resilience.Retry.MaxRetryAttempts = Retries;
            resilience.Retry.Delay = RetryDelay;
            resilience.AttemptTimeout.Timeout = attempt;
            resilience.TotalRequestTimeout.Timeout = attempt * (Retries + 1);
            resilience.CircuitBreaker.SamplingDuration = attempt * 2;
        });
        // Inside of it, where each attempt is one request.
        client.AddHttpMessageHandler<CloudinaryUpload.Attempts>();
        services.AddSingleton<IMediaStore>(provider => provider.GetRequiredService<CloudinaryMediaStore>());
    }
}
