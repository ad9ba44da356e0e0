DROP INDEX change_life;
