using System.Net;
using System.Net.Sockets;
using Streaming.Silo.Commands;
using Streaming.Tests.Processes;

namespace Streaming.Tests;

/// <summary>What the images ask their programs' health with.</summary>
public sealed class HealthProbeTests
{
    [Fact]
    public async Task Answer_of_200_is_well() => Assert.Null(await AskAsync("HTTP/1.1 200 OK\r\n\r\n"));

    [Theory]
    [InlineData("HTTP/1.1 503 Service Unavailable\r\n\r\n", "/health/ready answers 503.")]
    [InlineData("2000\r\n", "/health/ready answers nothing.")]
    [InlineData("", "/health/ready answers nothing.")]
    public async Task Every_other_answer_is_told(string answer, string says) => Assert.Equal(says, await AskAsync(answer));

    [Fact]
    public async Task Nobody_who_listens_is_told()
    {
        var port = $"{LoopbackPort.Take()}";
        var failure = await Assert.ThrowsAsync<StartupException>(() => HealthProbe.AskAsync(port, "/health/ready", TestContext.Current.CancellationToken));
        Assert.StartsWith($"Nobody answers at port {port}", failure.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("3001", "health")]
    [InlineData("http", "/health/ready")]
    public async Task What_is_no_port_and_path_is_refused(string port, string path) =>
        await Assert.ThrowsAsync<StartupException>(() => HealthProbe.AskAsync(port, path, TestContext.Current.CancellationToken));

    /// <summary>What it says of an answer; null where that is well.</summary>
    private static async Task<string?> AskAsync(string answer)
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        var served = AnswerAsync(listener, answer);
        var failure = await Record.ExceptionAsync(() =>
            HealthProbe.AskAsync($"{((IPEndPoint)listener.LocalEndpoint).Port}", "/health/ready", TestContext.Current.CancellationToken));

        Assert.Equal("GET /health/ready HTTP/1.0", await served);
        return failure is null ? null : Assert.IsType<StartupException>(failure).Message;
    }

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
