using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;
using SidecarAgent.Broker.Audit;
using SidecarAgent.Testing;

namespace SidecarAgent.Broker.Tests.Audit;

/// <summary>A log that its broker signs.</summary>
public sealed class AuditCheckpointTests : IDisposable
{
    private static readonly AuditEntry Checkpoint = new(AuditAction.Checkpoint, Allowed: true);

    private readonly TempDirectory _directory = TempDirectory.Create();
    private readonly string _keyFile;
    private readonly AuditPublicKey _key;

    public AuditCheckpointTests()
    {
        _keyFile = _directory.File("audit-key");
        AuditSigner.Create(_keyFile);
        _key = AuditPublicKey.Load($"{_keyFile}.pub");
    }

    private string LogFile => _directory.File("audit.jsonl");

    public void Dispose()
    {
        _key.Dispose();
        _directory.Dispose();
    }

    [Fact]
    public async Task A_checkpoint_signs_every_entry_before_it()
    {
        await WriteAsync(Renewal(1), Renewal(2), Checkpoint, Renewal(3));

        var intact = Assert.IsType<AuditVerification.Intact>(AuditVerifier.Verify([LogFile], [_key], after: null));

        Assert.Equal((5, 1, 3), (intact.Entries, intact.Checkpoints, intact.SignedUpTo));
    }

    [Fact]
    public async Task Whoever_computes_the_chain_anew_without_the_key_is_found_out()
    {
        await WriteAsync(Renewal(1), Renewal(2), Checkpoint, Renewal(3));

        Forge(line => line.Replace("\"version\":1", "\"version\":7", StringComparison.Ordinal));

        Assert.IsType<AuditVerification.Intact>(AuditVerifier.Verify(LogFile));
        var broken = Assert.IsType<AuditVerification.Broken>(AuditVerifier.Verify([LogFile], [_key], after: null));
        Assert.Equal((4, "its signature does not fit the entries before it"), (broken.Line, broken.Problem));
    }

    [Fact]
    public async Task A_signature_by_another_key_is_refused()
    {
        await WriteAsync(Renewal(1), Checkpoint);
        AuditSigner.Create(_directory.File("other"));
        using var other = AuditPublicKey.Load(_directory.File("other.pub"));

        var broken = Assert.IsType<AuditVerification.Broken>(AuditVerifier.Verify([LogFile], [other], after: null));

        Assert.Contains($"signed by the key {_key.Id}, which is none of those", broken.Problem, StringComparison.Ordinal);
        Assert.IsType<AuditVerification.Intact>(AuditVerifier.Verify([LogFile], [other, _key], after: null));
    }

    [Fact]
    public async Task Openssl_verifies_a_checkpoint_by_hand()
    {
        await WriteAsync(Renewal(1), Checkpoint);
        var lines = File.ReadAllLines(LogFile);
        using var checkpoint = JsonDocument.Parse(lines[2]);
        _directory.Write("signed", $"sidecar-agent audit checkpoint 1\n2\n{checkpoint.RootElement.GetProperty("prev").GetString()}\n");
        File.WriteAllBytes(_directory.File("signature"), checkpoint.RootElement.GetProperty("signature").GetBytesFromBase64());

        using var openssl = Process.Start(new ProcessStartInfo(
            "openssl",
            ["dgst", "-sha256", "-verify", $"{_keyFile}.pub", "-signature", _directory.File("signature"), _directory.File("signed")])
        { RedirectStandardOutput = true })!;

        Assert.Equal("Verified OK\n", await openssl.StandardOutput.ReadToEndAsync());
    }

    [Fact]
    public async Task Checkpoints_come_at_their_time_if_anything_was_written_and_once_more_at_the_end()
    {
        var clock = new FakeTimeProvider();
        var said = new FakeLogger<AuditCheckpoints>();
        var options = AuditLogs.At(LogFile, keyFile: _keyFile);
        await using var log = await AuditLog.OpenAsync(options, clock, NullLogger<AuditLog>.Instance);
        using var stop = new CancellationTokenSource();
        var loop = new AuditCheckpoints(log, options, clock, said).RunAsync(stop.Token);

        await AdvanceUntilSaidAsync(1);
        clock.Advance(TimeSpan.FromHours(1));
        await log.AppendAsync(Renewal(1), CancellationToken.None);
        await AdvanceUntilSaidAsync(2);
        await log.AppendAsync(Renewal(2), CancellationToken.None);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => loop);

        var intact = Assert.IsType<AuditVerification.Intact>(AuditVerifier.Verify([LogFile], [_key], after: null));
        Assert.Equal((6, 3, 5), (intact.Entries, intact.Checkpoints, intact.SignedUpTo));
        Assert.Contains(intact.Last.Hash, said.LatestRecord.Message, StringComparison.Ordinal);

        async Task AdvanceUntilSaidAsync(int count)
        {
            while (said.Collector.Count < count)
            {
                clock.Advance(TimeSpan.FromMinutes(10));
                await Task.Yield();
            }
        }
    }

    [Fact]
    public async Task What_is_written_while_a_checkpoint_is_signed_is_signed_by_the_next()
    {
        var clock = new HeldClock();
        var options = AuditLogs.At(LogFile, keyFile: _keyFile);
        await using (var log = await AuditLog.OpenAsync(options, clock, NullLogger<AuditLog>.Instance))
        {
            var checkpoints = new AuditCheckpoints(log, options, TimeProvider.System, NullLogger<AuditCheckpoints>.Instance);
            var ended = new CancellationToken(canceled: true);
            clock.Hold();
            var before = log.AppendAsync(Renewal(1), CancellationToken.None);
            await clock.Held;
            var signing = checkpoints.RunAsync(ended);
            var meanwhile = log.AppendAsync(Renewal(2), CancellationToken.None);
            clock.GoOn();
            await Task.WhenAll(before, meanwhile);
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => signing);

            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => checkpoints.RunAsync(ended));
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => checkpoints.RunAsync(ended));
        }

        var intact = Assert.IsType<AuditVerification.Intact>(AuditVerifier.Verify([LogFile], [_key], after: null));
        Assert.Equal((5, 2, 4), (intact.Entries, intact.Checkpoints, intact.SignedUpTo));
    }

    [Fact]
    public async Task A_checkpoint_whose_signature_is_no_text_signs_nothing()
    {
        await WriteAsync(Renewal(1), Checkpoint);
        Forge(line => line.IndexOf(",\"signature\":", StringComparison.Ordinal) is >= 0 and var end ? $"{line[..end]},\"signature\":\"\\ud800\"" : line);

        var intact = Assert.IsType<AuditVerification.Intact>(AuditVerifier.Verify([LogFile], [_key], after: null));

        Assert.Equal(0, intact.SignedUpTo);
    }

    [Fact]
    public void A_key_that_others_can_read_is_refused()
    {
        File.SetUnixFileMode(_keyFile, UnixFileMode.UserRead | UnixFileMode.OtherRead);

        Assert.Contains("can be used by others", Assert.Throws<CannotStartException>(() => AuditSigner.Load(_keyFile)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no key")]
    [InlineData("-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n")]
    public void What_is_no_key_is_refused_with_advice(string content)
    {
        var file = _directory.Write("bad", content);
        File.SetUnixFileMode(file, UnixFileMode.UserRead);

        Assert.Contains("init-audit-key", Assert.Throws<CannotStartException>(() => AuditSigner.Load(file)).Message, StringComparison.Ordinal);
        Assert.Contains("no public key", Assert.Throws<IOException>(() => AuditPublicKey.Load(file)).Message, StringComparison.Ordinal);
    }

    private static AuditEntry Renewal(ulong version) => new(AuditAction.Renew, true) { Version = version };

    private async Task WriteAsync(params AuditEntry[] entries)
    {
        await using var log = await AuditLog.OpenAsync(
            AuditLogs.At(LogFile, keyFile: _keyFile), TimeProvider.System, NullLogger<AuditLog>.Instance);
        foreach (var entry in entries)
            await log.AppendAsync(entry, CancellationToken.None);
    }

    /// <summary>A clock that the writer of the log waits for.</summary>
    private sealed class HeldClock : TimeProvider
    {
        private readonly TaskCompletionSource _held = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource _goOn = new();
        private volatile bool _holds;

        public Task Held => _held.Task;

        public void Hold() => _holds = true;

        public void GoOn() => _goOn.SetResult();

        public override DateTimeOffset GetUtcNow()
        {
            if (_holds)
            {
                _held.TrySetResult();
                _goOn.Task.Wait();
            }

            return DateTimeOffset.UnixEpoch;
        }
    }

    /// <summary>What an attacker does who can write the file: change lines, and compute every hash after them anew.</summary>
    private void Forge(Func<string, string> change)
    {
        var before = new string('0', 64);
        var forged = new List<string>();
        foreach (var line in File.ReadAllLines(LogFile))
        {
            var content = change(line[..line.IndexOf(",\"prev\":", StringComparison.Ordinal)]) + $",\"prev\":\"{before}\"";
            before = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)));
            forged.Add($"{content},\"hash\":\"{before}\"}}\n");
        }

        File.WriteAllText(LogFile, string.Concat(forged));
    }
}
