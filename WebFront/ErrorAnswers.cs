using Streaming.Videos;

namespace Streaming.WebFront;

/// <summary>
/// The one place where what goes wrong below becomes an answer: exceptions, and statuses without a body such as 404 and
/// 405. One middleware instead of the framework's exception handler and status pages, which cost every request two more.
/// </summary>
internal sealed partial class ErrorAnswers(RequestDelegate next, TimeProvider time, ILogger<ErrorAnswers> logger)
{
    private readonly RepeatedWarning storeFailures = new(time, (count, latest) => LogStore(logger, count, latest));
    private readonly RepeatedWarning mediaFailures = new(time, (count, latest) => LogMedia(logger, count, latest));
    private readonly RepeatedWarning clusterFailures = new(time, (count, latest) => LogCluster(logger, count, latest));

    public async Task InvokeAsync(HttpContext context)
    {
        var response = context.Response;
        response.Headers.XContentTypeOptions = "nosniff";
        try
        {
            await next(context);
        }
        catch (OperationCanceledException) when (context.RequestAborted.IsCancellationRequested)
        {
            // The client has gone; there is nobody to answer.
            return;
        }
        catch (Exception e) when (!response.HasStarted)
        {
            await ToProblem(e, context.Request).ExecuteAsync(context);
            return;
        }

        if (response.StatusCode >= 400 && !response.HasStarted && response.ContentType is null && response.ContentLength is null)
            await Problem.Of(response.StatusCode).ExecuteAsync(context);
    }

    private Problem ToProblem(Exception exception, HttpRequest request)
    {
        switch (exception)
        {
            case BadHttpRequestException e:
                return Problem.Of(e.StatusCode);
            case StoreRefusedException or StoreUnavailableException:
                storeFailures.Report(exception);
                return Problem.Unavailable("The store cannot take or give this now; try again soon.");
            case MediaStoreException:
                mediaFailures.Report(exception);
                return Problem.Unavailable("The media store cannot give this now; try again soon.");
            case TimeoutException or OrleansException:
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
