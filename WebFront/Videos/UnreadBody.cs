using Microsoft.AspNetCore.Http.Features;

namespace Streaming.WebFront.Videos;

/// <summary>
/// Sends a refusal, and then reads and discards what the client still sends, within bounds: a browser reads an answer only
/// when it has sent everything, and takes a connection that ends before for a failure of the network.
/// </summary>
internal sealed class UnreadBody(Problem refusal) : IResult
{
    public const long MaxBytes = 64 << 20;

    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(20);

    public async Task ExecuteAsync(HttpContext httpContext)
    {
        var request = httpContext.Request;
        // Whoever waits to be asked for the body sends none after a refusal, and the connection cannot tell what comes next.
        var waits = request.Headers.Expect.Count > 0 && httpContext.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false };
        if (waits)
            httpContext.Response.Headers.Connection = "close";

        await refusal.ExecuteAsync(httpContext);
        await httpContext.Response.CompleteAsync();
        if (!waits && !httpContext.RequestAborted.IsCancellationRequested)
            await DiscardAsync(request);
    }

    private static async Task DiscardAsync(HttpRequest request)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(request.HttpContext.RequestAborted);
        patience.CancelAfter(MaxTime);
        var body = request.BodyReader;
        try
        {
            for (var left = MaxBytes; left > 0;)
            {
                var result = await body.ReadOrCancelAsync(patience.Token);
                left -= result.Buffer.Length;
                body.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                    return;
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException)
        {
            // It has its answer, or does not want it: the connection ends.
        }
    }
}
