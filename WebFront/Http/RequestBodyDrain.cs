using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;

namespace Streaming.WebFront;

/// <summary>
/// Reads and discards, within bounds, what a client still sends after its answer: many read an answer only when they have sent
/// everything, and take a connection that ends before for a failure of the network.
/// </summary>
internal sealed class RequestBodyDrain(RequestDelegate next, IHostApplicationLifetime program, TimeProvider time)
{
    /// <summary>Of one request, beyond what its route takes.</summary>
    public const long MaxBytes = 256L << 20;

    private static readonly TimeSpan MaxTime = TimeSpan.FromSeconds(30);

    // For a client that waits to be asked for its body: it sends none after a refusal, unless it had lost patience before.
    private static readonly TimeSpan Linger = TimeSpan.FromSeconds(2);

    public Task InvokeAsync(HttpContext context) =>
        context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: true } ? PassAsync(context) : next(context);

    /// <summary>
    /// For who counts a body as it is read: the server's own limit, past which it reads nothing more, leaves room for what is discarded.
    /// Nothing happens once reading has begun.
    /// </summary>
    public static void LeaveRoom(HttpContext context, long bytes)
    {
        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } largest)
            largest.MaxRequestBodySize = bytes + MaxBytes;
    }

    private async Task PassAsync(HttpContext context)
    {
        var waits = context.Request.Headers.Expect.Count > 0;
        // The connection cannot tell whether the body comes next, or another request.
        if (waits)
            context.Response.OnStarting(static state => CloseUnlessReadAsync((HttpContext)state), context);

        await next(context);
        if (!context.RequestAborted.IsCancellationRequested)
            await DiscardAsync(context, waits && !IsBeingRead(context));
    }

    private static Task CloseUnlessReadAsync(HttpContext context)
    {
        if (!IsBeingRead(context))
            context.Response.Headers.Connection = "close";

        return Task.CompletedTask;
    }

    private static bool IsBeingRead(HttpContext context) => context.Features.Get<IHttpMaxRequestBodySizeFeature>() is not { IsReadOnly: false };

    /// <param name="waits">The client has not been asked for its body.</param>
    private async Task DiscardAsync(HttpContext context, bool waits)
    {
        var body = context.Request.BodyReader;
        try
        {
            if (IsBeingRead(context) && body.TryRead(out var rest))
            {
                body.AdvanceTo(rest.Buffer.End);
                if (rest.IsCompleted)
                    return;
            }

            if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } largest)
                largest.MaxRequestBodySize = null;

            await context.Response.CompleteAsync();
            using var patience = new CancellationTokenSource(waits ? Linger : MaxTime, time);
            using var ending = CancellationTokenSource.CreateLinkedTokenSource(context.RequestAborted, program.ApplicationStopping, patience.Token);
            for (var left = MaxBytes; left > 0;)
            {
                var result = await body.ReadOrCancelAsync(ending.Token);
                left -= result.Buffer.Length;
                body.AdvanceTo(result.Buffer.End);
                if (result.IsCompleted)
                    return;

                if (waits)
                    patience.CancelAfter(MaxTime);

                waits = false;
            }

            context.Abort();
        }
        catch (OperationCanceledException)
        {
            // Who was not asked for a body and sends none has its answer; the connection ends in order.
            if (!waits)
                context.Abort();
        }
        catch (IOException e)
        {
            // The body broke off: the server ends the connection behind the answer. Where the client has broken the connection itself, the
            // server would skip the rest by a reader that stands in the middle of a read, and log that as a fault.
            if (e is ConnectionResetException || e.InnerException is ConnectionResetException)
                context.Abort();
        }
        catch (InvalidOperationException)
        {
            // Whoever read the body stopped in the middle of a read, so that nobody can read on.
            context.Abort();
        }
    }
}
