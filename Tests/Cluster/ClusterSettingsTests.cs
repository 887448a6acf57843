using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Streaming.Tests.Processes;

/// <summary>What cannot work is refused before anything connects: the servers named here do not exist.</summary>
public sealed class ClusterSettingsTests
{
    private static readonly (string Name, string Value)[] Servers =
    [
        ("Storage__Family", "Servers"),
        ("ConnectionStrings__Metadata", Nowhere),
        ("ConnectionStrings__Analytics", Nowhere),
        ("ConnectionStrings__Orleans", Nowhere),
        ("ConnectionStrings__Mongo", "mongodb://127.0.0.1:1/streaming"),
    ];

    private const string Nowhere = "Host=127.0.0.1;Port=1;Database=none;Username=none;Password=secret";

    [Fact]
    public async Task Silo_on_the_embedded_family_is_refused() => await FailsAsync(new SiloProcess([]), "Storage:Family=Servers");

    [Fact]
    public async Task Silo_that_should_be_a_client_is_refused() =>
        await FailsAsync(new SiloProcess([.. Servers, ("Cluster__Mode", "Client")]), "Cluster:Mode");

    [Fact]
    public async Task Client_of_the_embedded_family_is_refused() => await FailsAsync(new FrontProcess([]), "Cluster:Mode=Client", "Storage:Family=Servers");

    [Fact]
    public async Task Missing_membership_database_is_named() =>
        await FailsAsync(new FrontProcess([.. Servers, ("ConnectionStrings__Orleans", "")]), "ConnectionStrings:Orleans");

    [Fact]
    public async Task Front_gives_up_when_no_silo_answers()
    {
        await using var front = new FrontProcess([.. Servers, ("Cluster__Id", "nobody"), ("Cluster__ConnectSeconds", "3")]);

        await front.FailsAsync("No silo of cluster nobody", "Cluster:ConnectSeconds");

        Assert.DoesNotContain(front.Output.Concat(front.Errors), line => line.Contains("secret", StringComparison.Ordinal));
        Assert.Single(front.Output, line => line.Contains("answers yet", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("Cluster__Mode", "Both", "Cluster:Mode")]
    [InlineData("Cluster__SiloPort", "70000", "SiloPort")]
    [InlineData("Cluster__GatewayPort", "-1", "GatewayPort")]
    [InlineData("Cluster__DrainSeconds", "3600", "DrainSeconds")]
    [InlineData("Cluster__AdvertisedAddress", "0.0.0.0", "Cluster:AdvertisedAddress")]
    [InlineData("Cluster__AdvertisedAddress", "no.such.host.invalid", "Cluster:AdvertisedAddress")]
    [InlineData("Cluster__AdvertisedAddress", "192.0.2.1", "192.0.2.1")]
    public async Task Setting_that_cannot_be_used_is_named(string name, string value, string says) =>
        await FailsAsync(new SiloProcess([.. Servers, (name, value)]), says);

    [Fact]
    public async Task Same_port_twice_is_refused()
    {
        var port = LoopbackPort.Take().ToString(CultureInfo.InvariantCulture);

        await FailsAsync(new SiloProcess([.. Servers, ("Cluster__SiloPort", port), ("Cluster__GatewayPort", port)]), "Cluster:SiloPort", "Cluster:GatewayPort");
    }

    [Theory]
    [InlineData("Cluster__SiloPort", "Cluster:SiloPort")]
    [InlineData("Cluster__GatewayPort", "Cluster:GatewayPort")]
    [InlineData("ASPNETCORE_URLS", "Cannot listen on")]
    public async Task Taken_port_is_named(string name, string says)
    {
        using var other = new TcpListener(IPAddress.Loopback, LoopbackPort.Take());
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        await FailsAsync(
            new SiloProcess([.. Servers, (name, name == "ASPNETCORE_URLS" ? $"http://127.0.0.1:{port}" : port.ToString(CultureInfo.InvariantCulture))]),
            says, port.ToString(CultureInfo.InvariantCulture), "the port is taken");
    }

    private static async Task FailsAsync(ProgramProcess program, params string[] says)
    {
        await using (program)
            await program.FailsAsync(says);
    }
}
