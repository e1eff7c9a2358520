using Microsoft.Extensions.Logging.Abstractions;
using SidecarAgent.Broker.Audit;
using SidecarAgent.Testing;

namespace SidecarAgent.Broker.Tests.Audit;

/// <summary>A log of more than one file.</summary>
public sealed class AuditRotationTests : IDisposable
{
    private readonly TempDirectory _directory = TempDirectory.Create();

    private string LogFile => _directory.File("audit.jsonl");

    private IReadOnlyList<string> AllFiles => [.. AuditSegments.Full(LogFile), LogFile];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task A_full_file_is_set_aside_under_the_number_of_its_last_entry_and_the_chain_goes_on()
    {
        await WriteAsync(maxBytes: 600, entries: 20);

        var files = AllFiles;
        Assert.True(files.Count > 4);
        Assert.All(AuditSegments.Full(LogFile), full => Assert.Contains(
            $"\"seq\":{int.Parse(Path.GetFileName(full).Split('.')[1])},", File.ReadLines(full).Last(), StringComparison.Ordinal));
        var intact = Assert.IsType<AuditVerification.Intact>(AuditVerifier.Verify(files, [], after: null));
        Assert.Equal((21, 21), (intact.Entries, intact.Last.Sequence));
    }

    [Fact]
    public async Task The_files_may_be_named_in_any_order()
    {
        await WriteAsync(maxBytes: 600, entries: 20);

        Assert.IsType<AuditVerification.Intact>(AuditVerifier.Verify([.. AllFiles.Reverse()], [], after: null));
    }

    [Fact]
    public async Task A_missing_file_is_found()
    {
        await WriteAsync(maxBytes: 600, entries: 20);
        var files = AllFiles.ToList();
        var after = files[2];
        files.RemoveAt(1);

        var broken = Assert.IsType<AuditVerification.Broken>(AuditVerifier.Verify(files, [], after: null));

        Assert.Equal((after, 1), (broken.File, broken.Line));
        Assert.Contains("lines were removed", broken.Problem, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Files_whose_predecessors_are_archived_follow_a_hash_that_was_written_down()
    {
        await WriteAsync(maxBytes: 600, entries: 20);
        var files = AllFiles.ToList();
        var archived = Assert.IsType<AuditVerification.Intact>(AuditVerifier.Verify(files[0])).Last;
        files.RemoveAt(0);

        Assert.IsType<AuditVerification.Broken>(AuditVerifier.Verify(files, [], after: null));
        Assert.IsType<AuditVerification.Broken>(AuditVerifier.Verify(files, [], new string('1', 64)));
        var intact = Assert.IsType<AuditVerification.Intact>(AuditVerifier.Verify(files, [], archived.Hash));
        Assert.Equal(21 - archived.Sequence, intact.Entries);
    }

    [Fact]
    public async Task A_crash_between_setting_a_file_aside_and_beginning_the_next_loses_nothing()
    {
        await WriteAsync(maxBytes: 1024 * 1024, entries: 3);
        File.Move(LogFile, AuditSegments.Name(LogFile, 4));

        await WriteAsync(maxBytes: 1024 * 1024, entries: 1);

        var intact = Assert.IsType<AuditVerification.Intact>(AuditVerifier.Verify(AllFiles, [], after: null));
        Assert.Equal(6, intact.Last.Sequence);
    }

    [Fact]
    public async Task A_file_that_somebody_moves_away_is_followed_by_a_new_one()
    {
        await using (var log = await OpenAsync(1024 * 1024))
        {
            await log.AppendAsync(new AuditEntry(AuditAction.Renew, true), CancellationToken.None);
            File.Move(LogFile, _directory.File("moved"));
            await log.AppendAsync(new AuditEntry(AuditAction.Renew, true), CancellationToken.None);
        }

        Assert.Single(File.ReadLines(LogFile));
        var intact = Assert.IsType<AuditVerification.Intact>(
            AuditVerifier.Verify([_directory.File("moved"), LogFile], [], after: null));
        Assert.Equal(3, intact.Entries);
    }

    [Fact]
    public async Task A_file_that_somebody_cuts_short_is_not_written_into()
    {
        await using var log = await OpenAsync(1024 * 1024);
        using (var file = new FileStream(LogFile, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
            file.SetLength(10);

        var refused = await Assert.ThrowsAsync<AuditUnavailableException>(
            () => log.AppendAsync(new AuditEntry(AuditAction.Renew, true), CancellationToken.None));

        Assert.Contains("cut it short", refused.Message, StringComparison.Ordinal);
        Assert.Equal(10, new FileInfo(LogFile).Length);
        File.Move(LogFile, _directory.File("evidence"));
        var place = await log.AppendAsync(new AuditEntry(AuditAction.Renew, true), CancellationToken.None);
        Assert.Equal(2, place.Sequence);
    }

    [Fact]
    public async Task A_file_that_is_moved_away_and_replaced_by_an_empty_one_is_left_for_that_one()
    {
        await using (var log = await OpenAsync(1024 * 1024))
        {
            File.Move(LogFile, _directory.File("moved"));
            _directory.Write("audit.jsonl", "");
            await log.AppendAsync(new AuditEntry(AuditAction.Renew, true), CancellationToken.None);
        }

        Assert.Single(File.ReadLines(LogFile));
        var intact = Assert.IsType<AuditVerification.Intact>(
            AuditVerifier.Verify([_directory.File("moved"), LogFile], [], after: null));
        Assert.Equal(2, intact.Entries);
    }

    [Fact]
    public async Task A_file_that_somebody_puts_in_its_place_is_not_written_into()
    {
        await using var log = await OpenAsync(1024 * 1024);
        File.Move(_directory.Write("edited", "something else\n"), LogFile, overwrite: true);

        var refused = await Assert.ThrowsAsync<AuditUnavailableException>(
            () => log.AppendAsync(new AuditEntry(AuditAction.Renew, true), CancellationToken.None));

        Assert.Contains("another file in its place", refused.Message, StringComparison.Ordinal);
        Assert.Equal("something else\n", await File.ReadAllTextAsync(LogFile));
        File.Move(LogFile, _directory.File("evidence"));
        var place = await log.AppendAsync(new AuditEntry(AuditAction.Renew, true), CancellationToken.None);
        Assert.Equal(2, place.Sequence);
    }

    [Fact]
    public async Task A_log_whose_full_files_are_archived_goes_on_after_a_restart()
    {
        await WriteAsync(maxBytes: 600, entries: 20);
        var full = AuditSegments.Full(LogFile);
        var archived = Assert.IsType<AuditVerification.Intact>(AuditVerifier.Verify(full, [], after: null)).Last;
        Assert.All(full, File.Delete);

        await WriteAsync(maxBytes: 1024 * 1024, entries: 1);

        var intact = Assert.IsType<AuditVerification.Intact>(AuditVerifier.Verify([LogFile], [], archived.Hash));
        Assert.Equal(23, intact.Last.Sequence);
    }

    [Fact]
    public async Task A_log_goes_on_after_a_restart_whose_last_full_file_somebody_has_moved()
    {
        await WriteAsync(maxBytes: 600, entries: 20);
        var (moved, last) = (_directory.File("moved"), AuditSegments.Full(LogFile)[^1]);
        File.Move(last, moved);

        await WriteAsync(maxBytes: 1024 * 1024, entries: 1);

        var intact = Assert.IsType<AuditVerification.Intact>(AuditVerifier.Verify([moved, .. AllFiles], [], after: null));
        Assert.Equal(23, intact.Last.Sequence);
        Assert.IsType<AuditVerification.Broken>(AuditVerifier.Verify(AllFiles, [], after: null));
    }

    [Fact]
    public async Task A_file_that_begins_before_the_full_ones_end_is_refused()
    {
        await WriteAsync(maxBytes: 600, entries: 20);
        File.Copy(AuditSegments.Full(LogFile)[1], LogFile, overwrite: true);

        var refused = await Assert.ThrowsAsync<AuditUnavailableException>(() => OpenAsync(600));

        Assert.Contains("lines were removed, added or moved", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("audit.1.jsonl")]
    [InlineData("audit.00000000000x.jsonl")]
    [InlineData("other.000000000001.jsonl")]
    [InlineData("audit.000000000001.jsonl.gz")]
    public void Other_files_are_none_of_the_log(string name)
    {
        _directory.Write(name, "");

        Assert.Empty(AuditSegments.Full(LogFile));
    }

    private async Task WriteAsync(long maxBytes, int entries)
    {
        await using var log = await OpenAsync(maxBytes);
        for (var i = 0; i < entries; i++)
            await log.AppendAsync(new AuditEntry(AuditAction.Renew, true), CancellationToken.None);
    }

    private Task<AuditLog> OpenAsync(long maxBytes) =>
        AuditLog.OpenAsync(AuditLogs.At(LogFile, maxBytes), TimeProvider.System, NullLogger<AuditLog>.Instance);
}
