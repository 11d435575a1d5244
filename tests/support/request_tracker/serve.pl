# serve.pl FOLDER PORT: Debian's Request Tracker 5 on the loopback, with everything it writes in FOLDER.
# RT_SITE_CONFIG and RT_SITE_CONFIG_DIR name the configuration (request_tracker_server.py).
use strict;
use warnings;
use lib '/usr/share/request-tracker5/lib';

my ( $folder, $port ) = @ARGV;
require RT;
require RT::Generated;
{
    no warnings 'once';
    $RT::VarPath         = "$folder/var";
    $RT::MasonDataDir    = "$folder/mason";
    $RT::MasonSessionDir = "$folder/sessions";
    $RT::LocalPath = $RT::LocalLibPath = $RT::LocalPluginPath = "$folder/local";
}
RT->LoadConfig;
RT->Init( Heavy => 1 );

# Workers connect for themselves.
$RT::Handle->dbh->disconnect;
$RT::Handle->dbh(undef);
undef $RT::Handle;
require RT::PlackRunner;
my $runner = RT::PlackRunner->new( server => 'Starlet', env => 'deployment' );
$runner->parse_options( '--host', '127.0.0.1', '--port', $port, '--max-workers', 2, '--max-reqs-per-child', 100_000 );
$SIG{PIPE} = 'IGNORE';
$runner->run;
