using Microsoft.AspNetCore.Connections;
using Microsoft.Net.Http.Headers;
using Streaming.Silo;
using Streaming.Videos;
using Streaming.WebFront.Audit;

namespace Streaming.WebFront;

/// <summary>
/// The one place where what goes wrong below becomes an answer: exceptions, and statuses without a body such as 404 and
/// 405. One middleware instead of the framework's exception handler and status pages, which cost every request two more.
/// </summary>
internal sealed partial class ProblemMiddleware(RequestDelegate next, Drain drain, TimeProvider time, ILogger<ProblemMiddleware> logger)
{
    private const string Server = "Microsoft.AspNetCore.Server.Kestrel.Core";

    private readonly ThrottledWarning storeFailures = new(time, (count, latest) => LogStore(logger, count, latest));
    private readonly ThrottledWarning mediaFailures = new(time, (count, latest) => LogMedia(logger, count, latest));
    private readonly ThrottledWarning clusterFailures = new(time, (count, latest) => LogCluster(logger, count, latest));

    public async Task InvokeAsync(HttpContext context)
    {
        var response = context.Response;
        response.Headers.XContentTypeOptions = "nosniff";
        response.Headers.Vary = HeaderNames.Origin;
        // A connection that is kept would be closed at the end of the drain, perhaps on top of its next request. HTTP/2 has a frame that says so.
        if (drain.HasBegun && HttpProtocol.IsHttp11(context.Request.Protocol))
            response.Headers.Connection = "close";

        try
        {
            await next(context);
        }
        catch (Exception e) when (HasGone(e, context))
        {
            // The client has gone.
            return;
        }
        catch (Exception e) when (!response.HasStarted)
        {
            await ToProblem(e, context.Request).ExecuteAsync(context);
            return;
        }

        if (response.StatusCode >= 400 && !response.HasStarted && response.ContentType is null && response.ContentLength is null)
            await AnswerStatusAsync(context);
    }

    private static Task AnswerStatusAsync(HttpContext context)
    {
        var status = context.Response.StatusCode;
        if (status == StatusCodes.Status405MethodNotAllowed)
            AllowedMethods.Complete(context);

        if (context.Response.StatusCode == StatusCodes.Status204NoContent)
            return Task.CompletedTask;

        var unknown = status == StatusCodes.Status404NotFound && context.GetEndpoint() is null ? LogsApi.UnknownRoute(context.Request.Path) : null;
        return (unknown ?? Problem.Of(status)).ExecuteAsync(context);
    }

    /// <summary>Whether it tells that the client has left, at whatever step of reading or writing it was noticed.</summary>
    private static bool HasGone(Exception exception, HttpContext context) =>
        exception is ConnectionResetException or ConnectionAbortedException
        || (exception is OperationCanceledException or (IOException and not BadHttpRequestException) && context.RequestAborted.IsCancellationRequested);

    private Problem ToProblem(Exception exception, HttpRequest request)
    {
        switch (exception)
        {
            case BadHttpRequestException e:
                return Problem.Of(e.StatusCode);
            // Of a body whose chunks make no sense it says some by the exception above, and others, such as a length beyond 31 bits, by this one.
            case IOException { Source: Server }:
                return Problem.Of(StatusCodes.Status400BadRequest);
            case StoreRefusedException or StoreUnavailableException:
                storeFailures.Report(exception);
                return Problem.Unavailable("The store cannot take or give this now; try again soon.");
            case MediaStoreException:
                mediaFailures.Report(exception);
                return Problem.Unavailable("The media store cannot give this now; try again soon.");
            // A cancellation, of something that is not this request, is a time-out somewhere below.
            case TimeoutException or OrleansException or OperationCanceledException:
                clusterFailures.Report(exception);
                return FailedCall.NeverRan(exception) || HttpMethods.IsGet(request.Method) || HttpMethods.IsHead(request.Method)
                    ? Problem.Unavailable("The service is busy or restarting; try again soon.")
                    : new Problem(StatusCodes.Status504GatewayTimeout, "The service did not answer in time; whether it did what was asked is unknown.");
            default:
                LogFault(logger, exception);
                return Problem.Of(StatusCodes.Status500InternalServerError);
        }
    }

    [LoggerMessage(LogLevel.Warning, "A store failed {Count} requests; this is the latest.")]
    private static partial void LogStore(ILogger logger, int count, Exception exception);

    [LoggerMessage(LogLevel.Warning, "The media store failed {Count} requests; this is the latest.")]
    private static partial void LogMedia(ILogger logger, int count, Exception exception);

    [LoggerMessage(LogLevel.Warning, "The cluster failed {Count} requests; this is the latest.")]
    private static partial void LogCluster(ILogger logger, int count, Exception exception);

    [LoggerMessage(LogLevel.Error, "A request failed for a reason that nobody thought of.")]
    private static partial void LogFault(ILogger logger, Exception exception);
}
