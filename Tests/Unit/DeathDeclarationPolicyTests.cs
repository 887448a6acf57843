using System.Net;
using Microsoft.Extensions.Time.Testing;
using Orleans.Configuration;
using Streaming.Silo;

namespace Streaming.Tests;

public sealed class DeathDeclarationPolicyTests : IDisposable
{
    private static readonly SiloAddress Elder = SiloAddress.New(IPEndPoint.Parse("127.0.0.1:20001"), 100);
    private static readonly SiloAddress Younger = SiloAddress.New(IPEndPoint.Parse("127.0.0.1:20002"), 100);
    private static readonly SiloAddress Youngest = SiloAddress.New(IPEndPoint.Parse("127.0.0.1:20000"), 101);

    private readonly FakeTimeProvider clock = new(DateTimeOffset.UnixEpoch.AddYears(56));
    private readonly ProcessorPauses pauses;

    public DeathDeclarationPolicyTests() => pauses = new ProcessorPauses(clock);

    public void Dispose() => pauses.Dispose();

    [Fact]
    public void Of_two_that_find_each_other_silent_one_is_declared_dead()
    {
        foreach (var (one, other) in (ReadOnlySpan<(SiloAddress, SiloAddress)>)[(Elder, Younger), (Younger, Youngest), (Elder, Youngest)])
        {
            Assert.True(Rule(one).Allows(Row(other, by: one)));
            Assert.False(Rule(other).Allows(Row(one, by: other)));
        }
    }

    [Fact]
    public void An_elder_that_has_stopped_signing_the_table_is_declared_dead()
    {
        var (rule, row) = (Rule(Younger), Row(Elder, by: Younger));
        Step(TimeSpan.FromSeconds(6));
        Assert.False(rule.Allows(row));
        Step(TimeSpan.FromSeconds(0.2));
        Assert.True(rule.Allows(row));
    }

    [Fact]
    public void What_two_agree_on_is_written_at_once() => Assert.True(Rule(Younger).Allows(Row(Elder, Younger, Youngest)));

    [Fact]
    public void A_vote_that_is_long_past_is_no_second_one()
    {
        var row = Row(Elder, Youngest);
        Step(TimeSpan.FromMinutes(3));
        (row.IAmAliveTime, row.SuspectTimes) = (Now, [.. row.SuspectTimes!, Tuple.Create(Younger, Now)]);

        Assert.False(Rule(Younger).Allows(row));
    }

    [Fact]
    public void The_silo_that_was_at_the_same_address_before_is_declared_dead() =>
        Assert.True(Rule(SiloAddress.New(Elder.Endpoint, 200)).Allows(Row(Elder)));

    [Fact]
    public void Who_stood_still_itself_judges_nobody_for_a_while()
    {
        var (rule, row) = (Rule(Elder), Row(Younger, by: Elder));
        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.False(rule.Allows(row));
        Step(TimeSpan.FromSeconds(4.8));
        Assert.False(rule.Allows(row));
        Step(TimeSpan.FromSeconds(0.4));
        Assert.True(rule.Allows(row));
    }

    [Fact]
    public void Who_stands_still_again_and_again_is_believed_in_the_end()
    {
        var (rule, row) = (Rule(Elder), Row(Younger, by: Elder));
        for (var second = 0; second <= 20; second++)
        {
            clock.Advance(TimeSpan.FromSeconds(1));
            Assert.False(rule.Allows(row));
        }

        clock.Advance(TimeSpan.FromSeconds(1));
        Assert.True(rule.Allows(row));
    }

    private DateTime Now => clock.GetUtcNow().UtcDateTime;

    /// <summary>In steps in which the process is seen at work.</summary>
    private void Step(TimeSpan time)
    {
        for (var passed = TimeSpan.Zero; passed < time; passed += TimeSpan.FromSeconds(0.2))
            clock.Advance(TimeSpan.FromSeconds(0.2));
    }

    private DeathDeclarationPolicy Rule(SiloAddress self)
    {
        var limits = new ClusterMembershipOptions();
        Membership.Tune(limits);
        return new DeathDeclarationPolicy(self, limits, pauses, clock);
    }

    private MembershipEntry Row(SiloAddress silo, params SiloAddress[] by) => new()
    {
        SiloAddress = silo,
        Status = SiloStatus.Dead,
        StartTime = Now.AddMinutes(-1),
        IAmAliveTime = Now,
        SuspectTimes = [.. by.Select(voter => Tuple.Create(voter, Now))],
    };
}
