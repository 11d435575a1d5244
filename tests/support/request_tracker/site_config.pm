# Of the tests' Request Tracker: what is its own comes by the environment.
Set($rtname, 'tocsin-test');
Set($Organization, 'tocsin.example');
Set($WebDomain, '127.0.0.1');
Set($WebPort, $ENV{TOCSIN_RT_PORT});
Set($WebPath, '');
Set($DatabaseType, 'SQLite');
Set($DatabaseName, "$ENV{TOCSIN_RT_FOLDER}/rt.sqlite");
Set($LogToSyslog, undef);
Set($LogToSTDERR, 'warning');
Set($MailCommand, 'testfile');    # Mails go to a file below the folder.
Set($Timezone, 'Asia/Shanghai');  # Not ours: times have to be right all the same.
1;
