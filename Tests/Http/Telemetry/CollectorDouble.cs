using System.Collections.Concurrent;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Streaming.Tests.Telemetry;

/// <summary>A collector of OpenTelemetry on loopback, by HTTP with protobuf: it takes everything and keeps it.</summary>
internal sealed class CollectorDouble : IAsyncDisposable
{
    private readonly WebApplication app;

    private CollectorDouble(WebApplication app) => this.app = app;

    public ConcurrentQueue<Span> Spans { get; } = [];

    /// <summary>Every export as it came, by the path that it came to.</summary>
    public ConcurrentQueue<(string Path, byte[] Body)> Exports { get; } = [];

    public string Address => app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First();

    public static CollectorDouble Start()
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        var collector = new CollectorDouble(builder.Build());
        collector.app.MapPost("/v1/{signal}", collector.TakeAsync);
        // Tests name it in the settings of a program that is made without waiting.
        Task.Run(() => collector.app.StartAsync()).GetAwaiter().GetResult();
        return collector;
    }

    /// <summary>Whether a text is anywhere in what came.</summary>
    public bool HasHeard(string text) => Exports.Any(export => export.Body.AsSpan().IndexOf(Encoding.UTF8.GetBytes(text)) >= 0);

    public ValueTask DisposeAsync() => app.DisposeAsync();

    private async Task TakeAsync(HttpContext context)
    {
        using var body = new MemoryStream();
        await context.Request.Body.CopyToAsync(body);
        if (context.Request.Path == "/v1/traces")
            Span.Read(body.ToArray()).ForEach(Spans.Enqueue);

        Exports.Enqueue((context.Request.Path, body.ToArray()));
    }
}

/// <param name="Scope">The source that it is of.</param>
internal sealed record Span(string TraceId, string Id, string Parent, string Scope, string Name, IReadOnlyDictionary<string, string> Tags)
{
    /// <summary>Those of an export, by the numbers of the fields in OpenTelemetry's protocol.</summary>
    public static List<Span> Read(byte[] export) =>
    [
        .. Fields(export, 1).SelectMany(resource => Fields(resource, 2)).SelectMany(scope => Fields(scope, 2).Select(span => new Span(
            Convert.ToHexStringLower(One(span, 1)), Convert.ToHexStringLower(One(span, 2)), Convert.ToHexStringLower(One(span, 4)),
            Text(One(One(scope, 1), 1)), Text(One(span, 5)),
            Fields(span, 9).ToDictionary(tag => Text(One(tag, 1)), tag => Text(One(One(tag, 2), 1)))))),
    ];

    private static string Text(byte[] bytes) => Encoding.UTF8.GetString(bytes);

    private static byte[] One(byte[] message, int field) => Fields(message, field).FirstOrDefault([]);

    /// <summary>Fields that are messages, texts or bytes.</summary>
    private static List<byte[]> Fields(byte[] message, int field)
    {
        var (found, at) = (new List<byte[]>(), 0);
        while (at < message.Length)
        {
            var tag = Number(message, ref at);
            switch (tag & 7)
            {
                case 0:
                    Number(message, ref at);
                    break;
                case 1:
                    at += 8;
                    break;
                case 5:
                    at += 4;
                    break;
                default:
                    var length = (int)Number(message, ref at);
                    if (tag >> 3 == (ulong)field)
                        found.Add(message[at..(at + length)]);

                    at += length;
                    break;
            }
        }

        return found;
    }

    private static ulong Number(byte[] message, ref int at)
    {
        var number = 0UL;
        for (var shift = 0; ; shift += 7)
        {
            var next = message[at++];
            number |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
                return number;
        }
    }
}
