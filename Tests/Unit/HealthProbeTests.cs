using System.Net;
using System.Net.Sockets;
using Streaming.Silo;
using Streaming.Tests.Processes;

namespace Streaming.Tests;

/// <summary>What the images ask their programs' health with.</summary>
public sealed class HealthProbeTests
{
    [Theory]
    [InlineData("HTTP/1.1 200 OK\r\n\r\n", 0)]
    [InlineData("HTTP/1.1 503 Service Unavailable\r\n\r\n", 1)]
    [InlineData("2000\r\n", 1)]
    [InlineData("", 1)]
    public async Task Only_200_is_well(string answer, int exitCode)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var served = AnswerAsync(listener, answer);

        Assert.Equal(exitCode, await HealthProbe.RunAsync([$"{((IPEndPoint)listener.LocalEndpoint).Port}", "/health/ready"]));
        Assert.Equal("GET /health/ready HTTP/1.0", await served);
    }

    [Fact]
    public async Task Nobody_who_listens_is_not_well() =>
        Assert.Equal(1, await HealthProbe.RunAsync([$"{LoopbackPort.Take()}", "/health/ready"]));

    [Theory]
    [InlineData()]
    [InlineData("3001")]
    [InlineData("3001", "health")]
    [InlineData("http", "/health/ready")]
    public async Task What_is_no_question_is_not_well(params string[] arguments) => Assert.Equal(1, await HealthProbe.RunAsync(arguments));

    private static async Task<string?> AnswerAsync(TcpListener listener, string answer)
    {
        using var client = await listener.AcceptTcpClientAsync(TestContext.Current.CancellationToken);
        await using var stream = client.GetStream();
        using var reader = new StreamReader(stream, leaveOpen: true);
        var asked = await reader.ReadLineAsync(TestContext.Current.CancellationToken);
        await reader.ReadLineAsync(TestContext.Current.CancellationToken);
        await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes(answer), TestContext.Current.CancellationToken);
        return asked;
    }
}
