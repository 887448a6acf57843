using System.Diagnostics;
using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.WebUtilities;
using Microsoft.Net.Http.Headers;

namespace Streaming.WebFront.Server;

/// <summary>
/// Gives a body to what the server refuses before there is a request that a route or a middleware could see: bad request lines and headers (400), too
/// slow (408), too long (414, 431). The server tells it by a diagnostic event, and then writes a status without a body, in whose place
/// <see cref="RefusalWriter"/> writes the problem. Not where the server itself encrypts, since its bytes are sealed when they come by here.
/// </summary>
internal sealed class RefusedRequests(DiagnosticListener diagnostics, TimeProvider time) : IHostedService, IObserver<KeyValuePair<string, object?>>, IDisposable
{
    private const string BadRequest = "Microsoft.AspNetCore.Server.Kestrel.BadRequest";

    private IDisposable? subscription;

    /// <summary>Lets refusals on a connection be replaced.</summary>
    public static void Watch(ConnectionContext connection)
    {
        var transport = connection.Transport;
        var writer = new RefusalWriter(transport.Output);
        connection.Transport = new DuplexPipe(transport.Input, writer);
        connection.Features.Set(writer);
    }

    public Task StartAsync(CancellationToken cancellationToken)
    {
        subscription = diagnostics.Subscribe(this, static name => name == BadRequest);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        subscription?.Dispose();
        return Task.CompletedTask;
    }

    /// <summary>The event, raised before the server writes its refusal.</summary>
    public void OnNext(KeyValuePair<string, object?> value)
    {
        if (value is not { Key: BadRequest, Value: IFeatureCollection features }
            || features.Get<RefusalWriter>() is not { } writer
            || features.Get<ITlsConnectionFeature>() is not null
            || features.Get<IHttpResponseFeature>() is not { HasStarted: false } response
            || features.Get<IBadRequestExceptionFeature>()?.Error is not BadHttpRequestException refusal)
        {
            return;
        }

        var request = features.Get<IHttpRequestFeature>();
        if (request?.Protocol is "HTTP/2" or "HTTP/3")
            return;

        writer.Replace(Render(
            refusal.StatusCode, response.Headers.Allow.ToString(), features.Get<IHttpRequestIdentifierFeature>()?.TraceIdentifier ?? "", HttpMethods.IsHead(request?.Method ?? "")));
    }

    public void OnCompleted()
    {
    }

    public void OnError(Exception error)
    {
    }

    public void Dispose() => subscription?.Dispose();

    /// <summary>
    /// A whole answer. Every page may read it: who asked and for what is not known, and nothing of anybody is in it.
    /// </summary>
    private byte[] Render(int status, string allow, string traceId, bool isHead)
    {
        var body = Problem.Of(status).Render(traceId);
        var head = new StringBuilder()
            .Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} {ReasonPhrases.GetReasonPhrase(status)}\r\n")
            .Append(CultureInfo.InvariantCulture, $"Content-Length: {body.Length}\r\nContent-Type: {Problem.ContentType}\r\nConnection: close\r\n")
            .Append(CultureInfo.InvariantCulture, $"Date: {HeaderUtilities.FormatDate(time.GetUtcNow())}\r\n")
            .Append("Access-Control-Allow-Origin: *\r\nVary: Origin\r\nX-Content-Type-Options: nosniff\r\n");
        if (allow.Length > 0)
            head.Append(CultureInfo.InvariantCulture, $"Allow: {allow}\r\n");

        return [.. Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()), .. isHead ? [] : body];
    }

    private sealed record DuplexPipe(System.IO.Pipelines.PipeReader Input, System.IO.Pipelines.PipeWriter Output) : System.IO.Pipelines.IDuplexPipe;
}
