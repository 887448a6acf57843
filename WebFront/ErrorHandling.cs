using Microsoft.AspNetCore.Diagnostics;

namespace Streaming.WebFront;

/// <summary>Turns what goes wrong below the endpoints into problems; no exception text reaches a client.</summary>
internal sealed class ErrorHandling : IExceptionHandler
{
    public static void Configure(ExceptionHandlerOptions options)
    {
        // The client's mistake, not ours: no error in the log.
        options.SuppressDiagnosticsCallback = context => context.Exception is BadHttpRequestException;
        // Reached only when the answer had begun: the connection is cut, which is the truth.
        options.ExceptionHandler = static _ => Task.CompletedTask;
    }

    public async ValueTask<bool> TryHandleAsync(HttpContext httpContext, Exception exception, CancellationToken cancellationToken)
    {
        await ToProblem(exception).ExecuteAsync(httpContext);
        return true;
    }

    private static Problem ToProblem(Exception exception) => exception switch
    {
        BadHttpRequestException e => Problem.Of(e.StatusCode),
        StoreRefusedException or StoreUnavailableException => Problem.Unavailable("The store cannot take or give this now; try again soon."),
        TimeoutException or OrleansException => Problem.Unavailable("The service is busy or restarting; try again soon."),
        _ => Problem.Of(StatusCodes.Status500InternalServerError),
    };
}
