using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Serialization;
using Streaming.Tests.Storage;

namespace Streaming.Tests.Wire;

/// <summary>
/// In an upgrade programs of two releases talk with each other, and the newer one finds what the older one stored. <c>released.json</c> has a value of each
/// wire record and state as the release before wrote it; STREAMING_WRITE_WIRE=1 writes it anew, which is the first step after a release and nothing else.
/// </summary>
public sealed class WireCompatibilityTests(SiloFixture silo) : IClassFixture<SiloFixture>
{
    private static readonly string SamplesPath = Path.Combine(ServerScript.Repository, "Tests", "Unit", "Wire", "released.json");
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    // By the names under which they are stored.
    private static readonly string[] States = ["presence-state", "quota-state"];

    private Serializer Wire => silo.Services.GetRequiredService<Serializer>();

    private OrleansJsonSerializer Storage => silo.Services.GetRequiredService<OrleansJsonSerializer>();

    public static TheoryData<string> Names => [.. WireSamples.Types.Keys];

    [Theory]
    [MemberData(nameof(Names))]
    public void Record_arrives_as_it_was_sent(string name)
    {
        var sent = WireSamples.Make(WireSamples.Types[name]);

        var arrived = Wire.Deserialize<object>(Wire.SerializeToArray(sent));

        Assert.IsType(WireSamples.Types[name], arrived);
        Assert.NotEmpty(WireSamples.Describe(sent));
        Assert.Equal(WireSamples.Describe(sent), WireSamples.Describe(arrived));
    }

    [Fact]
    public void What_the_release_before_sent_and_stored_is_read()
    {
        if (Environment.GetEnvironmentVariable("STREAMING_WRITE_WIRE") == "1")
            Write();

        var released = JsonSerializer.Deserialize<Dictionary<string, Sample>>(File.ReadAllText(SamplesPath))!;

        Assert.NotEmpty(released);
        Assert.Multiple([.. released.Select(sample => (Action)(() => Read(sample.Key, sample.Value)))]);
        Assert.All(States, state => Assert.NotNull(released[state].Stored));
    }

    private void Read(string name, Sample sample)
    {
        var arrived = Wire.Deserialize<object>(Convert.FromBase64String(sample.Sent));
        Assert.Equal(sample.Type, arrived!.GetType().FullName);
        // Members that are new are of no matter.
        Assert.Empty(sample.Members.Except(WireSamples.Describe(arrived)).Select(member => $"{name}: {member}"));
        if (sample.Stored is not { } stored)
            return;

        var kept = Storage.Deserialize(WireSamples.Types[name], stored);
        Assert.Empty(sample.Members.Except(WireSamples.Describe(kept!)).Select(member => $"{name}, stored: {member}"));
    }

    private void Write()
    {
        var samples = WireSamples.Types.OrderBy(type => type.Key, StringComparer.Ordinal).ToDictionary(type => type.Key, type =>
        {
            var value = WireSamples.Make(type.Value);
            var stored = States.Contains(type.Key) ? Storage.Serialize(value, type.Value) : null;
            return new Sample(type.Value.FullName!, Convert.ToBase64String(Wire.SerializeToArray(value)), stored, [.. WireSamples.Describe(value)]);
        });
        File.WriteAllText(SamplesPath, JsonSerializer.Serialize(samples, Indented) + "\n");
    }

    /// <param name="Sent">As it crosses a wire, in base 64.</param>
    /// <param name="Stored">As a grain's storage keeps it; null for what none keeps.</param>
    private sealed record Sample(string Type, string Sent, string? Stored, string[] Members);
}
