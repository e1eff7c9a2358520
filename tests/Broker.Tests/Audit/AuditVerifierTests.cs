using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using SidecarAgent.Broker.Audit;
using SidecarAgent.Testing;

namespace SidecarAgent.Broker.Tests.Audit;

public sealed class AuditVerifierTests : IAsyncLifetime, IDisposable
{
    private readonly TempDirectory _directory = TempDirectory.Create();
    private List<string> _lines = [];

    private string LogFile => _directory.File("audit.jsonl");

    public async Task InitializeAsync()
    {
        await using (var log = await AuditLog.OpenAsync(AuditLogs.At(LogFile), TimeProvider.System, NullLogger<AuditLog>.Instance))
        {
            for (ulong i = 2; i <= 9; i++)
                await log.AppendAsync(
                    new AuditEntry(AuditAction.Issue, true) { Path = "kv/shop/orders", Version = i }, CancellationToken.None);
        }

        _lines = [.. await File.ReadAllLinesAsync(LogFile)];
    }

    public Task DisposeAsync() => Task.CompletedTask;

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void An_untouched_log_is_intact_and_its_head_is_named()
    {
        var intact = Assert.IsType<AuditVerification.Intact>(AuditVerifier.Verify(LogFile));

        Assert.Equal(9, intact.Entries);
        Assert.Equal(0, intact.UnfinishedBytes);
        Assert.EndsWith($"\"hash\":\"{intact.Last.Hash}\"}}", _lines[^1], StringComparison.Ordinal);
    }

    [Fact]
    public void The_chain_can_be_computed_with_nothing_but_SHA_256()
    {
        var previous = new string('0', 64);
        foreach (var line in _lines)
        {
            var end = line.IndexOf(",\"hash\":", StringComparison.Ordinal);
            var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(line[..end])));
            Assert.EndsWith($",\"prev\":\"{previous}\",\"hash\":\"{hash}\"}}", line, StringComparison.Ordinal);
            previous = hash;
        }
    }

    [Fact]
    public void A_changed_character_anywhere_is_found_in_its_line()
    {
        var line = _lines[4];
        for (var i = 0; i < line.Length; i++)
        {
            var changed = line.ToCharArray();
            changed[i] = changed[i] == 'x' ? 'y' : 'x';
            AssertBroken(5, "", Replaced(4, new string(changed)));
        }
    }

    [Fact]
    public void A_line_that_was_changed_and_hashed_anew_is_found_by_the_next_one()
    {
        var changed = _lines[4].Replace("\"version\":5,", "\"version\":6,", StringComparison.Ordinal);
        var end = changed.IndexOf(",\"hash\":", StringComparison.Ordinal);
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(changed[..end])));

        AssertBroken(
            6, "its 'prev' is not the hash of the line before", Replaced(4, $"{changed[..end]},\"hash\":\"{hash}\"}}"));
    }

    [Fact]
    public void A_deleted_line_is_found() =>
        AssertBroken(5, "its number is 6, expected 5: lines were removed, added or moved", [.. _lines.Where((_, i) => i != 4)]);

    [Fact]
    public void Deleted_first_lines_are_found() =>
        AssertBroken(1, "its number is 3, expected 1", [.. _lines.Skip(2)]);

    [Fact]
    public void A_line_that_stands_twice_is_found() =>
        AssertBroken(6, "its number is 5, expected 6", [.. _lines.Take(5), .. _lines.Skip(4)]);

    [Fact]
    public void Two_lines_in_the_wrong_order_are_found() =>
        AssertBroken(5, "its number is 6, expected 5", [.. _lines.Take(4), _lines[5], _lines[4], .. _lines.Skip(6)]);

    [Theory]
    [InlineData("")]
    [InlineData("hello")]
    [InlineData("{}")]
    public void A_line_that_is_no_entry_is_found(string line) =>
        AssertBroken(5, "it is not an audit entry", Replaced(4, line));

    [Theory]
    [InlineData("[]")]
    [InlineData("{\"seq\":5")]
    [InlineData("{\"seq\":5,\"seq\":5,\"prev\":\"x\"")]
    [InlineData("{\"seq\":\"5\",\"prev\":\"x\"")]
    [InlineData("{\"seq\":5.5,\"prev\":\"x\"")]
    [InlineData("{\"seq\":5,\"prev\":5")]
    [InlineData("{\"seq\":5,\"prev\":\"\\ud800\"")]
    [InlineData("{\"seq\":5,\"\\ud800\":1,\"prev\":\"x\"")]
    public void A_line_with_a_fitting_hash_but_no_valid_content_is_found(string content)
    {
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content)));

        AssertBroken(5, "it is not an audit entry", Replaced(4, $"{content},\"hash\":\"{hash}\"}}"));
    }

    [Fact]
    public void A_line_longer_than_any_entry_is_found_without_reading_it_whole()
    {
        File.AppendAllText(LogFile, new string('x', 1024 * 1024));

        Assert.Equal(
            new AuditVerification.Broken(LogFile, 10, $"it is longer than {AuditLine.MaxLength} bytes, as no entry is"),
            AuditVerifier.Verify(LogFile));
    }

    [Fact]
    public void A_line_longer_than_any_entry_is_found_wherever_it_stands_and_whatever_it_ends_with()
    {
        var line = _lines[4].Replace("kv/shop/orders", new string('x', 200_000), StringComparison.Ordinal);
        var end = line.IndexOf(",\"hash\":", StringComparison.Ordinal);
        var hash = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(line[..end])));

        AssertBroken(
            5, $"it is longer than {AuditLine.MaxLength} bytes, as no entry is", Replaced(4, $"{line[..end]},\"hash\":\"{hash}\"}}"));
    }

    [Fact]
    public void A_line_with_a_fitting_hash_that_is_no_text_is_found()
    {
        byte[] content = [.. "{\"seq\":5,\"prev\":\""u8, 0xff, 0xfe, .. "\""u8];
        var hash = Convert.ToHexStringLower(SHA256.HashData(content));
        File.WriteAllBytes(
            LogFile, [.. Encoding.UTF8.GetBytes(string.Concat(_lines.Take(4).Select(line => line + '\n'))), .. content,
                .. Encoding.UTF8.GetBytes($",\"hash\":\"{hash}\"}}\n")]);

        var broken = Assert.IsType<AuditVerification.Broken>(AuditVerifier.Verify(LogFile));

        Assert.Equal(5, broken.Line);
        Assert.Contains("it is not an audit entry", broken.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public void An_entry_that_is_being_written_is_no_fault()
    {
        File.AppendAllText(LogFile, "{\"seq\":10");

        var intact = Assert.IsType<AuditVerification.Intact>(AuditVerifier.Verify(LogFile));

        Assert.Equal((9, 9), (intact.Entries, intact.UnfinishedBytes));
    }

    [Fact]
    public void An_empty_file_is_intact()
    {
        File.WriteAllText(LogFile, "");

        Assert.Equal(
            new AuditVerification.Intact(0, AuditHead.None, 0), AuditVerifier.Verify(LogFile));
    }

    [Fact]
    public async Task A_log_can_be_verified_while_it_is_being_written()
    {
        await using var log = await AuditLog.OpenAsync(AuditLogs.At(LogFile), TimeProvider.System, NullLogger<AuditLog>.Instance);
        var writing = Parallel.ForAsync(
            0,
            2000,
            new ParallelOptions { MaxDegreeOfParallelism = 50 },
            async (i, cancellation) => await log.AppendAsync(new AuditEntry(AuditAction.Renew, true), cancellation));

        do
        {
            Assert.IsType<AuditVerification.Intact>(AuditVerifier.Verify(LogFile));
        }
        while (!writing.IsCompleted);

        await writing;
    }

    private List<string> Replaced(int index, string line) => [.. _lines.Take(index), line, .. _lines.Skip(index + 1)];

    private void AssertBroken(long line, string problem, IReadOnlyList<string> lines)
    {
        File.WriteAllText(LogFile, string.Concat(lines.Select(text => text + '\n')));

        var broken = Assert.IsType<AuditVerification.Broken>(AuditVerifier.Verify(LogFile));

        Assert.Equal(line, broken.Line);
        Assert.Contains(problem, broken.Problem, StringComparison.Ordinal);
    }
}
