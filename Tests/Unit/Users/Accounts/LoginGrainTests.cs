using Streaming.Tests.Storage;
using Streaming.Users;

namespace Streaming.Tests.Users;

public sealed class LoginGrainTests : IAsyncLifetime
{
    private readonly PasswordsDouble passwords = new();
    private SiloFixture silo = null!;

    public async ValueTask InitializeAsync() =>
        silo = await SiloFixture.StartAsync(passwords: passwords, settings: [("Auth:MaxWaitingPasswords", "4"), ("Auth:HashThreads", "1")]);

    public async ValueTask DisposeAsync()
    {
        passwords.Release();
        await silo.DisposeAsync();
        passwords.Dispose();
    }

    [Fact]
    public async Task The_right_password_makes_a_session()
    {
        var (email, userId) = await silo.RegisterAsync();
        var result = await silo.LogInAsync(email.ToUpperInvariant(), device: new string('x', 300));

        Assert.Equal((LoginStatus.LoggedIn, (Guid?)userId), (result.Status, result.UserId));
        Assert.Equal((userId, email, AccountRole.User), (result.Grant!.Account.UserId, result.Grant.Account.Email, result.Grant.Account.Role));
        Assert.Equal(silo.Stores.Now.AddDays(30), result.Grant.RefreshExpiresAt);
        var session = Assert.Single(await silo.Account(userId).ListSessionsAsync(TestContext.Current.CancellationToken));
        Assert.Equal((result.Grant.SessionId, new string('x', 200)), (session.SessionId, session.Device));
    }

    [Fact]
    public async Task An_unknown_e_mail_an_account_without_a_password_and_a_wrong_password_are_one_answer_and_cost_one_check()
    {
        var (email, _) = await silo.RegisterAsync();
        var without = await silo.AddUserAsync();

        foreach (var each in (string[])[email, AccountsSilo.NewEmail(), $"{without:N}@example.com"])
        {
            var before = (passwords.Hashed, passwords.Verified);
            Assert.Equal(new LoginResult(LoginStatus.Invalid, null, null, TimeSpan.Zero), await silo.LogInAsync(each, "wrong"));
            Assert.Equal((before.Hashed, before.Verified + 1), (passwords.Hashed, passwords.Verified));
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task After_free_failures_the_address_waits_twice_as_long_each_time_with_and_without_an_account(bool exists)
    {
        var email = exists ? (await silo.RegisterAsync()).Email : AccountsSilo.NewEmail();
        for (var i = 0; i < 3; i++)
            Assert.Equal(LoginStatus.Invalid, (await silo.LogInAsync(email, "wrong")).Status);

        foreach (var seconds in (int[])[1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900])
        {
            Assert.Equal(LoginStatus.Invalid, (await silo.LogInAsync(email, "wrong")).Status);
            var checkedSoFar = passwords.Verified;
            // The right password too: or the answer would tell it.
            var refused = await silo.LogInAsync(email);
            Assert.Equal(new LoginResult(LoginStatus.TooManyFailures, null, null, TimeSpan.FromSeconds(seconds)), refused);
            Assert.Equal(checkedSoFar, passwords.Verified);
            await silo.Stores.AdvanceAsync(TimeSpan.FromSeconds(seconds));
        }
    }

    [Fact]
    public async Task One_address_does_not_hold_up_another()
    {
        var (email, _) = await silo.RegisterAsync();
        for (var i = 0; i < 4; i++)
            await silo.LogInAsync(email, "wrong", "192.0.2.66");

        Assert.Equal(LoginStatus.TooManyFailures, (await silo.LogInAsync(email, address: "192.0.2.66")).Status);
        Assert.Equal(LoginStatus.LoggedIn, (await silo.LogInAsync(email, address: "192.0.2.1")).Status);
    }

    [Fact]
    public async Task A_success_forgets_the_failures_of_its_address()
    {
        var (email, _) = await silo.RegisterAsync();
        for (var round = 0; round < 3; round++)
        {
            for (var i = 0; i < 3; i++)
                await silo.LogInAsync(email, "wrong");

            await silo.EnterAsync(email);
        }
    }

    [Fact]
    public async Task Of_many_guesses_at_once_only_the_free_ones_are_checked()
    {
        var (email, _) = await silo.RegisterAsync();
        passwords.Hold();
        var before = passwords.Verified;
        var guesses = Enumerable.Range(0, 50).Select(i => silo.LogInAsync(email, $"guess {i}")).ToList();
        await Poll.UntilAsync(() => Task.FromResult(guesses.Count(g => g.IsCompleted) == 46 ? null : "46 guesses are not refused yet"));
        passwords.Release();

        var results = await Task.WhenAll(guesses);
        Assert.Equal(4, results.Count(r => r.Status == LoginStatus.Invalid));
        Assert.Equal(46, results.Count(r => r.Status == LoginStatus.TooManyFailures));
        Assert.Equal(before + 4, passwords.Verified);
    }

    [Fact]
    public async Task When_too_many_passwords_wait_the_answer_is_busy_and_no_failure()
    {
        var (email, _) = await silo.RegisterAsync();
        passwords.Hold();
        var before = passwords.Verified;
        var first = silo.LogInAsync(AccountsSilo.NewEmail(), "wrong");
        await Poll.UntilAsync(() => Task.FromResult(passwords.Verified > before ? null : "nothing is checked yet"));
        var waiting = Enumerable.Range(0, 20).Select(_ => silo.LogInAsync(AccountsSilo.NewEmail(), "wrong")).ToList();
        await Poll.UntilAsync(() => Task.FromResult(waiting.Count(w => w.IsCompleted) == 16 ? null : "16 log-ins are not refused yet"));

        for (var i = 0; i < 10; i++)
        {
            var busy = await silo.LogInAsync(email);
            Assert.Equal(LoginStatus.Busy, busy.Status);
            Assert.True(busy.RetryAfter > TimeSpan.Zero);
        }

        Assert.Equal(RegisterStatus.Busy, (await silo.TryRegisterAsync(AccountsSilo.NewEmail())).Status);
        passwords.Release();
        await first;
        await Task.WhenAll(waiting);
        await silo.EnterAsync(email);
    }

    [Fact]
    public async Task A_ban_is_told_with_the_right_password_only()
    {
        var (email, userId) = await silo.RegisterAsync();
        await silo.Account(userId).SetBannedAsync(true);

        Assert.Equal(new LoginResult(LoginStatus.Invalid, null, null, TimeSpan.Zero), await silo.LogInAsync(email, "wrong"));
        Assert.Equal(new LoginResult(LoginStatus.Banned, null, userId, TimeSpan.Zero), await silo.LogInAsync(email));
        Assert.Empty(await silo.Account(userId).ListSessionsAsync(TestContext.Current.CancellationToken));

        await silo.Account(userId).SetBannedAsync(false);
        await silo.EnterAsync(email);
    }

    [Fact]
    public async Task A_hash_with_fewer_iterations_is_made_anew_by_a_log_in()
    {
        var (email, userId) = await silo.RegisterAsync();
        var old = await HashAsync(userId);
        using var weaker = new PasswordsDouble(iterations: 500);
        Assert.True(await silo.Stores.Accounts.SetPasswordAsync(
            userId, weaker.HashPassword(null!, AccountsSilo.Password), old, TestContext.Current.CancellationToken));
        var weak = await HashAsync(userId);

        await silo.EnterAsync(email);
        var anew = await HashAsync(userId);
        Assert.NotEqual(weak, anew);
        await silo.EnterAsync(email);
        Assert.Equal(anew, await HashAsync(userId));

        async Task<string> HashAsync(Guid id) =>
            (await silo.Stores.Accounts.FindCredentialsAsync(id, TestContext.Current.CancellationToken))!.PasswordHash!;
    }

    [Fact]
    public async Task A_further_session_ends_the_one_used_longest_ago()
    {
        await using var small = await SiloFixture.StartAsync(passwords: passwords, settings: [("Auth:MaxSessions", "2")]);
        var (email, userId) = await small.RegisterAsync();
        var sessions = new List<Guid>();
        for (var i = 0; i < 3; i++)
        {
            sessions.Add((await small.EnterAsync(email)).SessionId);
            await small.Stores.AdvanceAsync(TimeSpan.FromMinutes(1));
        }

        Assert.Equal([sessions[2], sessions[1]], (await small.Account(userId).ListSessionsAsync(TestContext.Current.CancellationToken)).Select(s => s.SessionId));
        Assert.True((await small.ChangeOfAsync(sessions[0]))!.IsBlocked);
    }
}
